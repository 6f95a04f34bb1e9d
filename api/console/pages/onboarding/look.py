"""Words and looks of joining, figures of conditions, and the commands that a tester copies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.language import Lang
from api.console.parts.figures import count, percent
from api.console.words import Look

Row = Mapping[str, Any]

STATES: Mapping[str, Look] = {
    "testing": Look("测试中", "testing", "#56B4E9", "#1b1b1b", "…"),
    "applied": Look("已申请", "applied", "#E69F00", "#1b1b1b", "?"),
    "approved": Look("已批准", "approved", "#009E73", "#ffffff", "✓"),
    "refused": Look("未通过", "refused", "#D55E00", "#ffffff", "✕"),
}
CONDITIONS: Mapping[str, Look] = {
    "met": Look("满足", "met", "#009E73", "#ffffff", "✓"),
    "unmet": Look("未满足", "not met", "#D55E00", "#ffffff", "✕"),
    "waiting": Look("待数据", "nothing yet", "#7b868f", "#ffffff", "…"),
}


def figure(value: float | None, unit: str, lang: Lang) -> str:
    """A figure of a condition with its unit; days in part are said with a decimal."""
    if value is None:
        return "–"
    if unit == "share":
        return percent(value, 1)
    number = count(value) if float(value).is_integer() else f"{value:.1f}"
    if lang == "zh":
        return f"{number} {'天' if unit == 'days' else '张表'}"
    return f"{number} {unit if number != '1' else unit.removesuffix('s')}"


def against(condition: Row, lang: Lang) -> str:
    """The figure beside what is asked for; of the last use of credentials the smaller one is the better."""
    have, needed = (figure(condition[name], condition["unit"], lang) for name in ("figure", "needed"))
    if condition["id"] == "credentials":
        if condition["figure"] is None:
            return "还没有用过" if lang == "zh" else "not used yet"
        return f"{have}前用过" if lang == "zh" else f"used {have} ago"
    return f"{have} / {needed}"


def commands(url: str, org: str) -> list[tuple[tuple[str, str], str]]:
    """Title and text of the commands, with this institution's names in them; the secret comes from the environment."""
    return [
        (("设置地址和凭证（密钥不要写进网址）", "Address and credentials; the secret never goes into a URL"),
         f"export SANJIAN_URL={url}\nexport SANJIAN_CLIENT_ID=sjc_…\nexport SANJIAN_CLIENT_SECRET=sjs_…"),
        (("换取一小时有效的令牌", "Get a token that works for an hour"),
         'curl -sS "$SANJIAN_URL/api/v1/oauth/token" -d grant_type=client_credentials \\\n'
         '  -d client_id="$SANJIAN_CLIENT_ID" --data-urlencode client_secret="$SANJIAN_CLIENT_SECRET"\n'
         "export SANJIAN_TOKEN=sj_…"),
        (("上传一批数据（每行一个 JSON 对象）", "Send a batch, one JSON object a line"),
         'curl -sS "$SANJIAN_URL/api/v1/changes/TB_HZXX" --data-binary @patients.ndjson \\\n'
         "  -H \"Authorization: Bearer $SANJIAN_TOKEN\" -H 'X-Sanjian-Batch: test-0001' \\\n"
         "  -H 'Content-Type: application/x-ndjson'"),
        (("没有真实数据时：发送模拟数据", "Without data of one's own: send simulated ones"),
         f'sanjian simulate --scenario clean --org {org} --days 7 \\\n  --to "$SANJIAN_URL" --maps-out maps'),
        (("导入模拟数据的对码表（fee、department、item 同样）", "Import its code maps (the others likewise)"),
         f'sanjian codemaps import {org} drug maps/{org}-drug.csv --url "$SANJIAN_URL"'),
    ]  # fmt: skip
