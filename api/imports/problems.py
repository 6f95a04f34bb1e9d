"""What can be wrong with one cell or line of a table that somebody sent: stable codes, texts in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: code → (what is wrong, what to do) in Chinese, then in English
PROBLEMS: Mapping[str, tuple[str, str, str, str]] = {
    "required": ("不能为空", "填写后重新上传", "Must not be empty", "Fill it in"),
    "formula": (
        "单元格是公式", "复制该列，选择性粘贴为“数值”",
        "The cell is a formula", "Copy the column and paste it as values",
    ),
    "error_value": ("单元格是错误值（如 #N/A）", "改正后重新上传", "The cell is an error such as #N/A", "Mend it"),
    "number_as_code": (
        "编码被存成了数字，前导零或末尾数字可能已丢失", "把该列格式设为“文本”，重新填入编码",
        "A code was kept as a number; leading zeros or last digits may be lost",
        "Format the column as text and enter the codes again",
    ),
    "date_as_code": (
        "编码被存成了日期", "把该列格式设为“文本”，重新填入编码",
        "A code was kept as a date", "Format the column as text and enter the codes again",
    ),
    "rounded_code": (
        "编码被 Excel 改写成了科学计数法，末尾数字已丢失", "把该列格式设为“文本”，重新填入完整编码",
        "Excel turned the code into a rounded number (1.23E+21); its last digits are lost",
        "Format the column as text and enter the whole codes again",
    ),
    "not_text": ("这里应是文字", "改为文字", "Text is wanted here", "Enter text"),
    "too_long": ("超过 {limit} 个字符", "缩短", "More than {limit} characters", "Shorten it"),
    "pattern": ("格式不对，应为{zh}", "按格式填写", "Wrong shape; wanted: {en}", "Enter it in this shape"),
    "not_a_number": ("不是数字", "只填数字", "Not a number", "Enter a number only"),
    "not_whole": ("不是整数", "填整数", "Not a whole number", "Enter a whole number"),
    "range": ("应在 {least} 到 {most} 之间", "改到范围内",
              "Must be between {least} and {most}", "Stay within the range"),
    "not_a_date": ("不是日期", "如 2026-11-21", "Not a date", "Like 2026-11-21"),
    "not_a_time": ("不是时间", "如 2026-11-21 08:00", "Not a time", "Like 2026-11-21 08:00"),
    "not_a_month": ("不是月份", "如 2026-11", "Not a month", "Like 2026-11"),
    "not_a_flag": ("应为“是”或“否”", "填 是 / 否（或 1 / 0）", "Must be yes or no", "Enter yes / no (or 1 / 0)"),
    "not_a_choice": ("不是可选的值", "可选：{choices}", "Not one of the choices", "Choices: {choices}"),
    "order": ("结束早于开始", "核对起止时间", "Ends before it begins", "Check beginning and end"),
    "unknown_org": ("没有登记这个机构", "核对机构代码，或先导入机构", "This institution is not registered",
                    "Check its code, or import the institutions first"),
    "other_org": ("不在您可查看的机构范围内", "删除其他机构的行", "Not one of the institutions that you may see",
                  "Take the other institutions' lines out"),
    "unknown_table": ("没有这张标准表", "填表名（如 TB_MZ_SFMXB）或中文表名，* 表示全部", "No such standard table",
                      "Enter its name (like TB_MZ_SFMXB); * for all"),
    "monthly_table": (
        "这张表按月整体上报，不按天计划", "删除该行；上报时间是阈值 front_page_open_day、front_page_close_day",
        "This table is submitted once a month, no day of it is due",
        "Take the line out; its window are the thresholds front_page_open_day and front_page_close_day",
    ),
    "conflict": ("与第 {other} 行重复，但内容不同", "只保留一行", "The same as line {other}, but with other content",
                 "Keep one of them"),
    "unknown_threshold": ("没有这个阈值", "可选：{choices}", "There is no such threshold", "Choices: {choices}"),
    "unknown_standard_code": ("标准目录里没有这个编码", "核对标准编码；取消对码填 -",
                              "The catalogue has no such code", "Check the standard code; - takes a mapping away"),
    "drug_incomplete": ("药品对码必须填写{zh}", "按药品说明书填写，与标准目录一致",
                        "A drug needs its {en}", "Enter what its package says; it has to agree with the catalogue"),
    "drug_disagrees": ("{zh}与标准目录不一致，目录为“{catalogue}”", "核对是否选错了标准编码",
                       "The {en} differs from the catalogue's: {catalogue}", "Check whether the code is the right one"),
}  # fmt: skip
#: Characters of a wrong value that are shown again to who sent it.
SHOWN = 60


class Wrong(Exception):
    """One value cannot be taken; ``code`` is one of PROBLEMS, ``values`` fill its texts."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that is wrong. ``value`` is what stands there, empty when personal or a whole line is meant."""

    line: int
    column: str
    column_zh: str
    code: str
    value: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str


def problem(line: int, column: str, column_zh: str, wrong: Wrong, value: object = None) -> Problem:
    """What is wrong in words."""
    zh, fix_zh, en, fix_en = (text.format(**wrong.values) if wrong.values else text for text in PROBLEMS[wrong.code])
    shown = "" if value is None else str(value)[:SHOWN]
    return Problem(line, column, column_zh, wrong.code, shown, zh, en, fix_zh, fix_en)
