"""The wording of the checklist: what each condition asks for, and what to do while it is not met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ConditionId = Literal["credentials", "tables", "days", "success", "mapping", "association"]

#: With {needed} in place.
TITLES: Mapping[ConditionId, tuple[str, str]] = {
    "credentials": ("接入凭证最近 {needed} 天内使用过", "The credentials were used in the last {needed} days"),
    "tables": ("{needed} 张应传的表都上传过", "Each of the {needed} expected tables was sent"),
    "days": (
        "每张表最近连续 {needed} 个业务日无漏传", "No table is missing on the last {needed} business days in a row",
    ),
    "success": (
        "每张表最近连续 {needed} 个业务日入库率达标",
        "Enough rows of every table are accepted on the last {needed} business days in a row",
    ),
    "mapping": ("每类对码率不低于 {needed}", "The mapping rate of each map is at least {needed}"),
    "association": (
        "每张表能找到上级记录的比例不低于 {needed}", "At least {needed} of each table's references are found",
    ),
}  # fmt: skip
#: What to do: Chinese, English.
FIXES: Mapping[ConditionId, tuple[str, str]] = {
    "credentials": (
        "用接入凭证获取令牌并上传；没有凭证或密钥遗失请联系管理员",
        "Get a token with the credentials and send; without them, or if the secret is lost, ask the administrator",
    ),
    "tables": (
        "逐表上传；当天确无业务的表发送空批次并带业务日期",
        "Send table by table; for one without business send an empty batch with its business date",
    ),
    "days": (
        "补传缺少的业务日；无业务的日子发送空批次；之后每天按时上传",
        "Send the missing business days; declare days without business empty; then send every day in time",
    ),
    "success": (
        "按实时校验日志里的规则改正接口；改好之后的业务日重新计算连续天数",
        "Mend the interface as the rules in the validation log say; the count begins again with the days after that",
    ),
    "mapping": (
        "下载未对码代码，补全对码表后导入", "Download the unmapped codes, complete the code maps and import them",
    ),
    "association": (
        "先传患者、挂号等上级记录，再传明细；补传找不到的上级记录",
        "Send patients and other parents before the rows that refer to them; send the parents that are missing",
    ),
}  # fmt: skip
