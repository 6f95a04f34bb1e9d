"""The channels over which notices leave besides websockets, as they are stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl

from clickhouse.client import SHANGHAI, ClickHouse
from clickhouse.query import load_query

ChannelKind = Literal["webhook", "wecom", "dingtalk", "email"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel. ``target``: an address, or e-mail recipients separated by commas; with robots it holds their key.

    ``orgs`` empty: every institution but test ones; ``kinds`` empty: every kind. ``digest``: one message an institution
    and day instead of each notice.
    """

    name: str
    kind: ChannelKind
    target: str
    secret: str = ""
    orgs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    least_severity: str = "info"
    digest: bool = False
    active: bool = True
    changed_by: str = ""


_NAMES = tuple(field.name for field in fields(Channel))
_FLAGS = frozenset({"digest", "active"})
_LISTS = frozenset({"orgs", "kinds"})


class ChannelStore:
    """Reads and writes channels. ``clock`` gives the zoned time of a change."""

    def __init__(self, client: ClickHouse, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._client = client
        self._clock = clock

    def all(self) -> list[Channel]:
        """Every channel by name, inactive ones too; with their secrets."""
        return [_channel(row) for row in self._client.rows(load_query("channels_now"))]

    def save(self, channel: Channel) -> None:
        """Adds the channel or replaces the one with its name."""
        self._write(channel, deleted=False)

    def delete(self, channel: Channel, changed_by: str) -> None:
        """Takes it away, its address and secret too; what waits for it is given up."""
        self._write(Channel(channel.name, channel.kind, "", active=False, changed_by=changed_by), deleted=True)

    def _write(self, channel: Channel, *, deleted: bool) -> None:
        row: dict[str, Any] = {
            **asdict(channel), "orgs": list(channel.orgs), "kinds": list(channel.kinds),
            "updated_at": self._clock().astimezone(SHANGHAI),
        }  # fmt: skip
        frame = pl.DataFrame(
            [row | {"deleted": deleted}],
            schema_overrides={"orgs": pl.List(pl.String), "kinds": pl.List(pl.String), "deleted": pl.UInt8,
                              "digest": pl.UInt8, "active": pl.UInt8, "updated_at": pl.Datetime("ms", SHANGHAI.key)},
        )  # fmt: skip
        self._client.insert("channels", frame)


def _channel(row: dict[str, Any]) -> Channel:
    values = {name: row[name] for name in _NAMES}
    values |= {name: bool(row[name]) for name in _FLAGS} | {name: tuple(row[name]) for name in _LISTS}
    return Channel(**values)
