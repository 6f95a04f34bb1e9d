"""Why a file of front pages is not taken: a code, the row where the file has one, and plain words."""

from __future__ import annotations

from collections.abc import Mapping

#: code → what is wrong and what to do, Chinese and English. No value of the file is repeated; names of columns are.
REASONS: Mapping[str, tuple[str, str]] = {
    "empty_file": ("文件是空的", "The file is empty"),
    "no_rows": ("表头下面没有数据", "There is nothing below the header"),
    "old_office": (
        "这是旧版 .xls 或加密的工作簿；请另存为不加密的 .xlsx、CSV 或 DBF 后重新上传",
        "This is an old .xls file or a workbook with a password; save it as .xlsx without a password, as CSV or as DBF",
    ),
    "binary": (
        "第 {line} 行含有二进制内容，不是文本；只接受 CSV、XLSX、DBF",
        "Row {line} holds binary content, which is no text; CSV, XLSX and DBF are taken",
    ),
    "utf16": (
        "文本是 UTF-16 编码；请另存为 UTF-8 或 GB18030 的 CSV",
        "The text is UTF-16; save it as CSV in UTF-8 or GB18030",
    ),
    "bad_encoding": (
        "第 {line} 行既不是 UTF-8 也不是 GB18030；请统一编码后重新导出",
        "Line {line} is neither UTF-8 nor GB18030; export the file anew in one of them",
    ),
    "mixed_encodings": (
        "第 {line} 行的编码与前面的行不同（UTF-8 与 GB18030 混用）；请统一编码后重新导出",
        "Line {line} has another encoding than those before (UTF-8 and GB18030 mixed); export the file anew in one",
    ),
    "broken_quotes": (
        "从第 {line} 行起引号不配对，无法读取；请检查该行的引号",
        "From row {line} on the quotes do not match; check them",
    ),
    "long_field": (
        "第 {line} 行有超过 {limit} 个字符的字段（多为引号不配对）；请检查该行",
        "Row {line} has a field of more than {limit} characters (mostly quotes that do not match); check it",
    ),
    "long_row": ("第 {line} 行超过 {limit} 字节；请检查该行", "Row {line} has more than {limit} bytes; check it"),
    "cells": (
        "第 {line} 行有 {found} 个字段，表头有 {wanted} 个；请检查分隔符和引号",
        "Row {line} has {found} fields, the header has {wanted}; check separators and quotes",
    ),
    "empty_row": (
        "第 {line} 行起空行过多；请删除数据中间的空行",
        "Too many empty rows from row {line} on; take out empty rows between the data",
    ),
    "no_header": (
        "第一行不是表头；表头应是字段代码（如 P900）或中文名称",
        "The first row is no header of column codes (like P900) or Chinese names",
    ),
    "unknown_columns": (
        "表头有标准里没有的字段：{columns}",
        "The header has columns that the standard does not know: {columns}",
    ),
    "tcm_columns": (
        "表头有中医首页的字段（{columns}）；请选择中医首页",
        "The header has columns of front pages of Chinese medicine ({columns}); choose that variant",
    ),
    "double_columns": ("表头里字段重复：{columns}", "Columns are in the header twice: {columns}"),
    "missing_columns": ("表头缺少必填字段：{columns}", "The header lacks columns that must be filled in: {columns}"),
    "wrong_org": (
        "第 {line} 行的医疗机构代码（P900）不是上报机构",
        "Row {line} is of another institution (P900) than the one that submits",
    ),
    "wrong_month": (
        "第 {line} 行的出院时间（P25）不在上报月份",
        "The discharge (P25) in row {line} is not in the month of the submission",
    ),
    "formula": (
        "第 {line} 行有公式；请复制后“选择性粘贴为值”再保存",
        "Row {line} has a formula; paste the values in its place",
    ),
    "cell_error": ("第 {line} 行有错误值（如 #N/A）；请更正", "Row {line} has an error value such as #N/A; correct it"),
    "macros": ("工作簿含有宏；请另存为不含宏的 .xlsx", "The workbook has macros; save it as .xlsx without them"),
    "broken_xlsx": (
        "工作簿已损坏或不完整；请用 Excel 或 WPS 打开后另存为 .xlsx",
        "The workbook is broken or not whole; open it in Excel or WPS and save it as .xlsx",
    ),
    "big_xlsx": (
        "工作簿解压后过大；请另存为 CSV 后上传",
        "The workbook is too big when unpacked; save it as CSV",
    ),
    "broken_dbf": ("DBF 文件已损坏或不完整", "The DBF file is broken or not whole"),
    "dbf_memo": (
        "DBF 有备注型等不支持的字段：{columns}",
        "The DBF has fields of a kind that is not taken, such as memos: {columns}",
    ),
    "too_many_rows": ("超过 {limit} 行", "More than {limit} rows"),
    "wrong_size": (
        "文件大小与声明的不一致（应为 {wanted}，收到 {found} 字节）；请重新上传",
        "The size is not the declared one ({wanted}; {found} bytes came); upload the file again",
    ),
    "wrong_sum": ("文件校验和不一致，传输中有损坏；请重新上传", "The checksum is another one; upload the file again"),
}


class Unusable(Exception):
    """A file that is not taken. ``line`` is the row of the file as a spreadsheet counts, from 1; 0: the whole file."""

    def __init__(self, code: str, line: int = 0, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        zh, en = REASONS[code]
        self.zh, self.en = (text.format(line=line, **values) for text in (zh, en))
