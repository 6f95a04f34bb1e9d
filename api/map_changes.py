"""Changes of code maps: kept first, then told to the workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import orjson
from anyio import to_thread

from api.errors import ApiError
from api.services import Services
from clickhouse.codemaps import CONTENT, MapEntry
from standard.model import MapKind

#: Within this process a newer version is not published before an older one; among processes the workers take the newer
#: one, and it holds whatever the older one changed.
_PUBLISHING = asyncio.Lock()


async def change(parts: Services, org: str, map: MapKind, work: Callable[[], int]) -> int:
    """Does ``work`` (blocks; gives the version) and publishes the map. After NotNow do the same again: the map is
    published even when nothing is left to change."""
    async with _PUBLISHING:
        version = await to_thread.run_sync(work)
        entries = await to_thread.run_sync(parts.code_maps.entries, org, map)
        newest = max((entry.version for entry in entries.values()), default=0)
        if newest:
            message = _message(org, map, newest, list(entries.values()))
            await parts.producer.send(parts.settings.codemaps_topic, f"{org}|{map}".encode(), message)
    return version


def refuse_too_large(parts: Services, org: str, map: MapKind, entries: list[MapEntry]) -> None:
    """Blocks. Raises ApiError map_too_large when the map with these entries could not be told to the workers."""
    together = {**parts.code_maps.entries(org, map), **{entry.local_code: entry for entry in entries}}
    limit = parts.settings.max_message_bytes
    if len(_message(org, map, 0, list(together.values()))) > limit * 9 // 10:  # the envelope, and versions to come
        raise ApiError("map_too_large", limit=limit)


def _message(org: str, map: MapKind, version: int, entries: list[MapEntry]) -> bytes:
    """The whole map: the topic is compacted, so a message has to stand for all before it. Empty fields are left out."""
    told = [{name: value for name in CONTENT if (value := getattr(entry, name))} for entry in entries]
    return orjson.dumps({"org": org, "map": map, "version": version, "entries": told})
