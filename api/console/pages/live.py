"""The live monitor: what comes in now, who has not uploaded, what is wrong. The pulse pushes it, once for everybody."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from nicegui import ui

from api.console.desk import Desk
from api.console.frame import script
from api.console.live.circle import Wish
from api.console.live.pulse import Viewer, pulse_of
from api.console.parts import regions
from api.console.parts.bar import Bar
from api.console.parts.notes import act
from api.console.routing import application, page
from api.console.words import CASE_STATES, KINDS, SEVERITIES, STATES, named
from api.depends import demand, principal
from api.indicators.names import STATES as WORST_FIRST
from api.services import Services

_PATH = "/"

#: Whoever watches does not have to log in again until the session is over in any case.
TOUCH_SECONDS = 300
#: The figures: Chinese, English, colour of the edge; the browser fills them in (static/live.js).
_FIGURES = {
    "received": ("今日接收", "Received today", "#0072B2"), "accepted": ("今日入库", "Accepted today", "#009E73"),
    "rejected": ("今日拒收", "Rejected today", "#D55E00"),
    "orgs": ("今日已报 / 应报", "Reporting / expected", "#0b5c8a"),
    "gaps": ("未处理漏传", "Open gaps", "#D55E00"), "anomalies": ("今日异常率", "Anomaly rate today", "#E69F00"),
    "lag": ("入库延迟", "Ingest lag", "#7b868f"),
}  # fmt: skip


@page(_PATH, "实时监测", "Live monitor", right="status.read", group="watch", icon="monitor_heart")
async def live(
    desk: Desk, month: str = "", city: str = "", county: str = "", level: str = "", type: str = "", problems: str = ""
) -> None:
    """Figures, calendar and alerts of the institutions that this person may see."""
    given = {"month": month, "city": city, "county": county, "level": level, "type": type, "problems": problems}
    bar = Bar(desk, _PATH, given)
    bar.month()
    await regions.fields(desk, bar)
    bar.switch("problems", desk.say("只看有问题的机构", "Only problems"))
    with bar.row:
        ui.space()
        ui.html('<span id="sj-age" class="sj-muted"></span>', sanitize=False)
    script("grid.js")
    script("live.js")
    ui.html(_monitor(desk), sanitize=False).classes("sj-wide")
    viewer = await _viewer(desk, _wish(bar.values))

    async def refresh() -> None:
        _only_problems(bar)
        wish = _wish(bar.values)
        if wish != viewer.wish:
            pulse_of(application.app).choose(viewer, wish)

    bar.on_change(refresh)
    _only_problems(bar)


async def _viewer(desk: Desk, wish: Wish) -> Viewer:
    """Joins the pulse until the page is closed. Who looks is found out as for every call of the API."""
    parts: Services = application.app.state.services
    client, pulse = ui.context.client, pulse_of(application.app)
    who = await principal(client.request, parts)
    demand(who, "status.read")
    viewer = Viewer(
        who, wish, push=client.run_javascript, leave=lambda: client.run_javascript("location.assign('/login?next=/')")
    )
    client.on_delete(lambda: pulse.leave(viewer))
    ui.timer(
        min(TOUCH_SECONDS, parts.settings.session_idle_minutes * 60 / 3), act(desk, lambda: desk.get("/me")),
        immediate=False,
    )  # fmt: skip
    pulse.join(viewer)
    return viewer


def _wish(values: Mapping[str, str]) -> Wish:
    return Wish(values["month"], *(values.get(name, "") for name in ("city", "county", "level", "type")))


def _only_problems(bar: Bar) -> None:
    ui.run_javascript(f"sanjianLive.problems({json.dumps(bar.values['problems'] == 'true')})")


def _monitor(desk: Desk) -> str:
    """The places that the browser fills. Nothing here is from data."""
    say = desk.say
    figures = "".join(
        f'<div class="sj-number" style="border-top-color:{colour}"><h3>{say(zh, en)}</h3>'
        f'<b id="sj-n-{name}">–</b><small id="sj-r-{name}">&nbsp;</small></div>'
        for name, (zh, en, colour) in _FIGURES.items()
    )
    legend = "".join(
        f'<span><i class="sj-sign" style="background:{look.colour};color:{look.ink}" aria-hidden="true">{look.sign}</i>'
        f"{say(look.zh, look.en)}</span>"
        for look in STATES.values()
    )
    none = f'<span><i class="sj-sign sj-cal-nothing">&nbsp;</i>{say("没有数据", "nothing")}</span>'
    rule = say("每天按各表中最差的状态着色", "each day shows the worst state of the institution's tables")
    throughput = say("近 10 分钟入库速度", "Throughput, last 10 minutes")
    return f"""
<div id="sj-monitor" data-words="{html.escape(json.dumps(_words(desk)))}">
<div class="sj-numbers sj-live-numbers">{figures}</div>
<section class="sj-card sj-spark"><h2>{throughput}</h2>
<svg viewBox="0 0 600 40" preserveAspectRatio="none" role="img" aria-label="{throughput}">
<polygon id="sj-spark-area" points=""/><polyline id="sj-spark-line" points=""/></svg>
<small id="sj-spark-most" class="sj-muted"></small></section>
<div class="sj-live-two">
<section class="sj-card"><div class="sj-title"><h2>{say("上传日历", "Upload calendar")}
<small><span id="sj-cal-count"></span></small></h2></div>
<div class="sj-scroll sj-cal-scroll"><table id="sj-cal" class="sj-cal"></table></div>
<p id="sj-cal-none" class="sj-muted" hidden>{
        say(
            "没有可查看的机构；请调整筛选条件，或联系管理员登记机构。",
            "No institutions here: change the filters, or ask an administrator to add them.",
        )
    }</p>
<div class="sj-legend">{legend}{none}</div><p class="sj-muted sj-cal-rule">{rule}</p></section>
<section class="sj-card sj-feed-card"><div class="sj-title"><h2>{say("最新告警", "Latest alerts")}
<small><a href="/alerts">{say("全部", "all")}</a></small></h2></div>
<ol id="sj-feed" class="sj-feed" aria-live="polite"></ol>
<p id="sj-feed-none" class="sj-muted" hidden>{say("没有未关闭的告警。", "No open alerts.")}</p></section>
</div><div id="sj-tip" class="sj-tip" role="tooltip" hidden></div></div>"""


def _words(desk: Desk) -> dict[str, object]:
    """The words and looks for codes in frames; states in the order of their numbers there."""
    return {
        "lang": desk.lang,
        "states": [
            {"code": code, "name": desk.say(look.zh, look.en), "colour": look.colour, "ink": look.ink,
             "sign": look.sign}
            for code, look in ((code, STATES[code]) for code in WORST_FIRST)
        ],
        "severities": {
            code: {"name": desk.say(look.zh, look.en), "colour": look.colour, "ink": look.ink, "sign": look.sign}
            for code, look in SEVERITIES.items()
        },
        "kinds": {kind: named(KINDS, kind, desk.lang) for kind in KINDS},
        "cases": {state: named(CASE_STATES, state, desk.lang) for state in CASE_STATES},
    }  # fmt: skip
