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
