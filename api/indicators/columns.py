"""Columns that several indicators have, each described once."""

from __future__ import annotations

from api.sheets import SheetColumn

MONTH = SheetColumn("month", "月份", "month", "text", 9)
ORG = SheetColumn("org", "机构代码", "institution", "text", 24)
NAME = SheetColumn("name", "机构名称", "name", "text", 28)
TABLE = SheetColumn("table", "标准表", "table", "text", 18)
TABLE_ZH = SheetColumn("table_zh", "表名", "table (Chinese)", "text", 22)
RULE = SheetColumn("rule_id", "规则编号", "rule", "text", 14)
RULE_ZH = SheetColumn("rule_zh", "规则", "rule (Chinese)", "text", 48)
FIX_ZH = SheetColumn("fix_zh", "改正办法", "what to do (Chinese)", "text", 48)
SEVERITY_ZH = SheetColumn("severity_zh", "级别", "severity", "text", 8)
DAY = SheetColumn("biz_date", "业务日期", "business date", "date", 12)
ROW_KEY = SheetColumn("row_key", "主键", "row key", "text", 28)
VISIT = SheetColumn("visit", "就诊流水号", "visit", "text", 22)
COLUMN = SheetColumn("column", "列", "column", "text", 14)
COLUMN_ZH = SheetColumn("column_zh", "列名", "column (Chinese)", "text", 18)
VALUE = SheetColumn("value", "值（个人信息已脱敏）", "value (personal ones masked)", "text", 24)
