"""Why a file cannot be read as a table at all."""

from __future__ import annotations

from collections.abc import Mapping

#: code → what is wrong and what to do, Chinese and English
REASONS: Mapping[str, tuple[str, str]] = {
    "old_office": (
        "这是旧版 .xls 或加密的工作簿；请另存为不加密的 .xlsx 或 CSV 后重新上传",
        "This is an old .xls file or a workbook with a password; save it as .xlsx without a password, or as CSV",
    ),
    "not_text": (
        "不是 CSV 文本，也不是 .xlsx；CSV 请用 UTF-8 或 GB18030 编码",
        "This is neither CSV text nor .xlsx; CSV is UTF-8 or GB18030",
    ),
    "broken_csv": (
        "从第 {line} 行起引号不配对，无法读取；请检查引号",
        "From line {line} on the quotes do not match; check them",
    ),
    "broken_xlsx": (
        "工作簿已损坏或不完整；请用 Excel 或 WPS 打开后另存为 .xlsx",
        "The workbook is broken or not whole; open it in Excel or WPS and save it as .xlsx",
    ),
    "too_big": (
        "工作簿解压后过大；请只保留数据，删除多余的格式、图片和空行",
        "The workbook is too big when unpacked; keep the data only, without unused formats, pictures and empty lines",
    ),
    "too_many_lines": (
        "超过 {limit} 行；请分成几个文件",
        "More than {limit} lines; split the file",
    ),
    "no_header": (
        "前 {lines} 行里没有找到表头；表头应有这些列：{columns}",
        "No header in the first {lines} lines; it needs these columns: {columns}",
    ),
    "no_lines": ("表头下面没有数据", "There is nothing below the header"),
    "column_missing": ("缺少列：{columns}", "These columns are missing: {columns}"),
    "column_twice": ("列出现了两次：{columns}", "These columns are there twice: {columns}"),
}  # fmt: skip


class UnreadableSheet(Exception):
    """A file that is no table, or more than we take. ``zh`` and ``en`` say what and what to do; no value of the file is
    repeated."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        zh, en = REASONS[code]
        self.zh, self.en = zh.format(**values), en.format(**values)
