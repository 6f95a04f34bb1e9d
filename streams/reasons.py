"""What a failed check and an unreadable message are called, in Chinese and English. Codes are stable, texts are not."""

from __future__ import annotations

#: By kind of check (``standard.model``).
REASONS: dict[str, tuple[str, str]] = {
    "mandatory": ("必填项为空", "a mandatory value is missing"),
    "empty": ("此时不应填写", "must not be filled here"),
    "together": ("应同时填写的项目只填了一部分", "values that belong together are only partly filled"),
    "never": ("这些内容不应同时出现", "these values contradict each other"),
    "in_order": ("未按顺序填写，中间有空缺", "a gap in columns that are filled in order"),
    "distinct": ("不应相同的内容相同", "values that must differ are the same"),
    "any_filled": ("至少应填写其中一项", "at least one of the columns must be filled"),
    "width": ("长度或位数超出规定", "longer or shorter than allowed"),
    "type": ("无法识别为规定的类型（数值、时间或日期）", "cannot be read as the column's type"),
    "range": ("数值超出允许范围", "outside the allowed range"),
    "pattern": ("格式不符合规定", "does not have the required format"),
    "code": ("不在值域内", "not in the code set"),
    "checksum": ("校验码错误", "wrong check character"),
    "placeholder": ("填写了占位值", "a placeholder instead of a value"),
    "date_order": ("时间先后顺序错误", "times are in the wrong order"),
    "not_future": ("时间晚于接收时间", "later than the time of arrival"),
    "not_before": ("日期过早", "too long ago"),
    "late": ("上传超过规定时限", "uploaded later than agreed"),
    "arithmetic": ("数值之间的关系不成立", "the amounts do not agree"),
    "agree": ("两项内容不一致", "two columns do not agree"),
    "sign": ("金额正负与退费标志不符", "the sign does not fit the refund flag"),
    "unique": ("同一批次内重复", "occurs more than once in the batch"),
    "sender": ("机构代码与上传机构不一致", "the institution of the row is not the sender"),
    "mapping": ("未对码", "the local code has no standard code"),
    "reference": ("编码与名称不对应", "code and name do not agree"),
    "sex": ("与患者性别不符", "does not fit the patient's sex"),
    "age": ("与患者年龄不符", "does not fit the patient's age"),
}

#: By reason of an unreadable message or row.
UNREADABLE: dict[str, tuple[str, str]] = {
    "empty": ("消息为空，请检查接口程序", "the message is empty; check the sending program"),
    "bad_header": ("批次首行（header）不符合约定，请核对字段", "the header line is not as agreed; check its fields"),
    "unknown_version": ("批次版本号不受支持，应为 1", "the version of the batch is not supported; send 1"),
    "unknown_table": ("表名不在标准内，请核对表名", "the table is not in the standard; check its name"),
    "unknown_org": ("机构未登记，请先向管理单位登记机构代码",
                    "the institution is not registered; register its code first"),
    "count_mismatch": ("行数与首行声明的 count 不一致，整批未接收，请核对后用新批次号重传",
                       "not as many rows as declared; nothing was taken, send it again as a new batch"),
    "bad_utf8": ("编码不是 UTF-8；如为 GB18030 请在首行声明 encoding",
                 "not UTF-8; declare encoding gb18030 if it is that"),
    "not_json": ("内容不是有效的 JSON 对象，请检查该行", "not a valid JSON object; check the row"),
    "too_large": ("消息超过大小上限，请拆分为较小批次", "the message is too large; split the batch"),
    "unsupported_op": ("操作类型不受支持", "the operation is not supported"),
    "no_biz_date": ("空批次（count 为 0）须写明业务日期 biz_date",
                    "an empty batch must name its business date biz_date"),
}  # fmt: skip
