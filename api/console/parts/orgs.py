"""The institutions that a page may offer, by name."""

from __future__ import annotations

from api.console.desk import Desk, Refused


async def names(desk: Desk) -> dict[str, str]:
    """Code → name of the institutions that this person may see; a hospital: its own only."""
    if desk.me.org:
        return {desk.me.org: desk.me.org}
    try:
        found = (await desk.get("/orgs", limit=1000))["orgs"]
    except Refused:
        return {}
    return {one["org"]: one["name"] or one["org"] for one in found}


async def contact(desk: Desk, org: str) -> dict[str, str]:
    """Name, contact and phone of an institution; empty for who may not see the list."""
    if not org or not desk.may("orgs.read"):
        return {}
    found = (await desk.get("/orgs"))["orgs"]
    return next(({name: one[name] for name in ("name", "contact", "phone")} for one in found if one["org"] == org), {})
