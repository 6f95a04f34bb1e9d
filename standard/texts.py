"""What the generated rules say, in Chinese and English: what must hold, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass

from standard.model import Column

FourTexts = tuple[str, str, str, str]  # zh, en, fix_zh, fix_en


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the rules that follow from one column."""

    column: Column

    @property
    def zh(self) -> str:
        """The column in Chinese, with its code."""
        return f"{self.column.name_zh}（{self.column.name}）"

    @property
    def en(self) -> str:
        """The column in English, with its code."""
        return f"{self.column.name_en} ({self.column.name})"

    def type(self) -> FourTexts:
        """The value has the column's type."""
        zh, en, fix_zh, fix_en = _TYPES[self.column.type]
        return f"{self.zh}{zh}", f"The {self.en} {en}", fix_zh, fix_en

    def digits(self, most: int) -> FourTexts:
        """A number has at most ``most`` digits before the decimal point."""
        return (
            f"{self.zh}整数部分不超过{most}位",
            f"The {self.en} has at most {most} digits before the decimal point",
            f"核对{self.column.name_zh}的数值和单位，改正后重新上传",
            f"Check value and unit of the {self.column.name_en}, correct them and send the row again",
        )

    def parent(self, parents_zh: str, parents_en: str) -> FourTexts:
        """What the column refers to is there."""
        return (
            f"{self.zh}应能在{parents_zh}中找到",
            f"The {self.en} is found among the {parents_en}",
            f"补传{parents_zh}中对应的记录，或更正{self.column.name_zh}",
            f"Send the missing row of {parents_en}, or correct the {self.column.name_en}",
        )

    def width(self, most: int) -> FourTexts:
        """A text has at most ``most`` characters."""
        return (
            f"{self.zh}不超过{most}个字符",
            f"The {self.en} has at most {most} characters",
            f"检查接口取数字段是否对应{self.column.name_zh}，缩短后重新上传",
            f"Check that the interface takes the {self.column.name_en} from the right field, shorten it, send it again",
        )

    def mandatory(self) -> FourTexts:
        """The column is filled."""
        dash_zh, dash_en = ("，确无内容时填“-”", '; "-" where there is none') if self.column.dash_filled else ("", "")
        return (
            f"{self.zh}必填{dash_zh}",
            f"The {self.en} is mandatory{dash_en}",
            f"在业务系统中补录{self.column.name_zh}，或检查接口是否漏取该字段，然后重新上传",
            f"Enter the {self.column.name_en} in the source system, or add it to the interface, and send the row again",
        )

    def code_set(self) -> FourTexts:
        """The value is in the column's code set."""
        name = self.column.code_set
        return (
            f"{self.zh}在值域 {name} 内",
            f"The {self.en} is in the code set {name}",
            f"按标准值域 {name} 建立院内代码对照，转换后上传标准代码",
            f"Translate the hospital's own codes to the code set {name} before sending",
        )


_TYPES: dict[str, FourTexts] = {
    "number": (
        "为数值",
        "is a number",
        "去掉单位、千分位和文字，只上传数字",
        "Send digits only: no unit, no thousands separator, no words",
    ),
    "timestamp": (
        "为有效日期时间",
        "is a valid date and time",
        "按“2026-11-21 08:00:00”格式上传真实存在的日期时间",
        "Send a date and time that exists, such as 2026-11-21 08:00:00",
    ),
    "date8": (
        "为有效日期（YYYYMMDD）",
        "is a valid date (YYYYMMDD)",
        "按8位日期（如20261121）上传真实存在的日期",
        "Send a date that exists as 8 digits, such as 20261121",
    ),
}
