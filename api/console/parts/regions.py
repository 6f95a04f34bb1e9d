"""Filters of institutions by region, level and type: what the institutions have that this person may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from api.console.desk import Desk
from api.console.parts.bar import Bar
from api.console.parts.levels import level_name, type_name


async def fields(desk: Desk, bar: Bar) -> None:
    """City, county, level and type in the bar; who sees one institution, or all of one kind, gets no field for it."""
    if not desk.may("orgs.read"):
        return
    orgs = (await desk.get("/orgs"))["orgs"]
    for name, label in (
        ("city", desk.say("市", "City")), ("county", desk.say("区县", "County")),
        ("level", desk.say("级别", "Level")), ("type", desk.say("类型", "Type")),
    ):  # fmt: skip
        options = _options(desk, orgs, name)
        if len(options) > 1 or bar.values.get(name):
            chosen = bar.values.get(name, "")
            known = {chosen: chosen} if chosen and chosen not in options else {}
            bar.select(name, label, {"": desk.say("全部", "all"), **options, **known})


def _options(desk: Desk, orgs: list[Mapping[str, Any]], name: str) -> dict[str, str]:
    counts = Counter(str(one[name]) for one in orgs if one["active"])
    names = {"level": level_name, "type": type_name}
    named = names.get(name, lambda _, value: value)
    return {value: f"{named(desk.lang, value)}（{counts[value]}）" for value in sorted(counts) if value}
