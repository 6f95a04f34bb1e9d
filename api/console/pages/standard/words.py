"""Words of the standard's pages: what kinds of checks decide, where, and what the settings mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.language import Lang

Pair = tuple[str, str]

#: The pages that the strip leads to.
PAGES = (
    ("/standard", "标准表", "Tables"), ("/standard/rules", "规则", "Rules"),
    ("/standard/codes", "值域与目录", "Lists of codes"), ("/standard/settings", "平台设置", "Settings"),
)  # fmt: skip
SCOPES: Mapping[str, Pair] = {
    "flight": ("传输中（收到即判）", "in flight, at once"),
    "store": ("入库后（需要其他记录）", "after landing, needs other rows"),
}
CONFIDENCES: Mapping[str, Pair] = {"high": ("高", "high"), "medium": ("中", "medium"), "low": ("低", "low")}
#: Where rules come from, as the standard's files say it.
SOURCES: Mapping[str, Pair] = {
    "column definition": ("列的定义", "column definition"),
    "knowledge": ("行业经验", "knowledge of the field"),
    "knowledge (proposed columns)": ("行业经验（建议列）", "knowledge of the field (proposed columns)"),
    "table reference": ("表间引用", "table reference"),
    "public sibling specification or mapping": ("公开的同类规范或对照", "public sibling specification or mapping"),
    "public sibling specification (composite key); width from the DDL": (
        "公开的同类规范（联合主键）；长度取自建表语句",
        "public sibling specification (composite key); width from the DDL",
    ),
    "public sibling specification; the alternative is knowledge": (
        "公开的同类规范；另一种取值为行业经验", "public sibling specification; the alternative is knowledge",
    ),
    "completed by Sanjian from icd10_restrictions": (
        "三监按诊断限制表补全", "completed by Sanjian from the restrictions of diagnoses",
    ),
}  # fmt: skip
#: Code maps that give a column its standard code; each has a catalogue of the same name.
MAPS: Mapping[str, Pair] = {
    "department": ("科室", "departments"), "fee": ("费用类别", "fee categories"), "drug": ("药品", "drugs"),
    "item": ("检验检查项目", "lab and exam items"),
}  # fmt: skip
CHECKS: Mapping[str, Pair] = {
    "mandatory": ("必填", "is filled"),
    "empty": ("必须为空", "is empty"),
    "together": ("要么都填，要么都不填", "all are filled, or none"),
    "any_filled": ("至少填一项", "at least one is filled"),
    "width": ("长度", "length"),
    "type": ("类型", "type"),
    "range": ("取值范围", "range"),
    "pattern": ("格式", "format"),
    "code": ("值域", "one of the codes"),
    "checksum": ("校验位", "check character"),
    "placeholder": ("不是占位内容", "no placeholder"),
    "date_order": ("时间先后", "order of times"),
    "not_future": ("不晚于当前时间", "not in the future"),
    "not_before": ("不早于", "not before"),
    "late": ("上传及时", "uploaded in time"),
    "arithmetic": ("数值关系", "figures agree"),
    "agree": ("内容一致", "texts agree"),
    "sign": ("正负号", "sign"),
    "unique": ("批内不重复", "unique in the batch"),
    "sender": ("与发送机构一致", "is the sender's"),
    "mapping": ("已对码", "has a standard code"),
    "reference": ("名称与代码一致", "name belongs to the code"),
    "sex": ("诊断与性别相符", "diagnosis fits the sex"),
    "age": ("诊断与年龄相符", "diagnosis fits the age"),
    "parent": ("上级记录存在", "parent record exists"),
    "cross_table": ("与其他表一致", "agrees with another table"),
    "unique_store": ("主键不共用", "key not shared"),
    "refund_store": ("退费与原记录相符", "refund fits its original"),
    "sum_store": ("合计相符", "sums agree"),
    "volume": ("数据量", "volume"),
    "duplicate": ("不重复上传", "no duplicate records"),
    "cross_record": ("同组记录相符", "records of a group agree"),
    "sex_store": ("与患者性别相符", "fits the patient's sex"),
    "age_store": ("与患者年龄相符", "fits the patient's age"),
    "dictionary_store": ("标准代码在字典中", "standard code is in the dictionary"),
}
SETTINGS: Mapping[str, Pair] = {
    "modify_flag": ("修改标志的值域", "Code set of the modify flag"),
    "admission_route": ("入院途径的值域（hqms 或 cv）", "Code set of the admission route"),
    "unmapped_severity": ("未对码的级别：warning 警告，error 拒收", "Severity of a code without standard code"),
    "identity_maps": ("本身就是标准代码的视为已对码", "A code that is a standard code counts as mapped"),
    "late_hours": ("上传晚于业务时间多少小时提示不及时", "Hours after the business time from which an upload is late"),
    "future_tolerance_minutes": ("允许医院时钟快多少分钟", "Minutes that clocks of hospitals may be ahead"),
    "epoch_is": ("Debezium 时间数值的含义：local 本地时间，utc", "What epoch numbers from Debezium mean"),
    "missing_value": ("约定的“无数据”填充值", "Agreed filler for text without data"),
    "money_tolerance": ("金额允许的误差（元）", "Difference of amounts that is allowed (yuan)"),
    "frequency_per_day": ("用药频次代码对应的每日次数", "Doses a day by frequency code"),
    "long_stay_days": ("住院超过多少天提示", "Days from which a stay is unusually long"),
    "large_outpatient_settlement": (
        "门诊单次结算超过多少元提示",
        "Yuan from which an outpatient settlement is unusual",
    ),
    "large_inpatient_settlement": ("住院单次结算超过多少元提示", "Yuan from which an inpatient one is unusual"),
    "volume_days": ("数据量与前多少天的均值比较", "Days whose mean a day's volume is compared with"),
    "volume_drop": ("低于均值的比例超过多少提示", "Share below that mean from which it is flagged"),
    "revoked_values": ("修改标志中表示撤销的值", "Values of the modify flag that revoke a record"),
    "admission_route_set": ("由入院途径得出的值域", "Code set that follows from the admission route"),
    "chronic_diagnoses": ("允许开药超过 30 天的诊断（ICD-10 前缀）", "Diagnoses that justify over 30 days of a drug"),
}


def half(note: str, lang: Lang) -> str:
    """A note of the standard says it in Chinese, then in English behind a point; some say it once."""
    zh, _, en = note.partition(" · ")
    return zh if lang == "zh" else en or zh


def pair(pairs: Mapping[str, Pair], name: str, lang: Lang) -> str:
    """The word for ``name``; a name that is not known stays as it is."""
    zh, en = pairs.get(name, (name, name))
    return zh if lang == "zh" else en


def plainly(value: Any) -> str:
    """A parameter or setting as one line of text."""
    if isinstance(value, Mapping):
        return "；".join(f"{name} = {plainly(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "、".join(plainly(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
