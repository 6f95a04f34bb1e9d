"""The institutions that a page may offer, by name."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from api.console.desk import Desk, Refused


async def names(desk: Desk) -> dict[str, str]:
    """Code → name of the institutions that this person may see; a hospital: its own only."""
    if desk.me.org:
        return {desk.me.org: (await facts(desk, desk.me.org)).get("name") or desk.me.org}
    try:
        found = (await desk.get("/orgs"))["orgs"]
    except Refused:
        return {}
    return {one["org"]: one["name"] or one["org"] for one in found}


async def facts(desk: Desk, org: str) -> dict[str, Any]:
    """What the list of institutions holds of one; empty when it is not in it, or may not be seen."""
    if not org:
        return {}
    try:
        return await desk.get(f"/orgs/{quote(org, safe='')}")
    except Refused as refused:
        if refused.status in (403, 404):
            return {}
        raise


async def contact(desk: Desk, org: str) -> dict[str, str]:
    """Name, contact and phone of an institution; empty for one that is not in the list."""
    found = await facts(desk, org)
    return {name: found[name] for name in ("name", "contact", "phone")} if found else {}
