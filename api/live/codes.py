"""Closing codes of the websocket, and what a client does then."""

from __future__ import annotations

#: The server goes on elsewhere or anew: come back with the cursor.
COME_BACK = 1012
#: ``too_slow``: read faster; ``not_now``: ClickHouse or the broker is away. Come back with the cursor, after a pause.
TRY_AGAIN = 1013
#: Our fault; it is in the log.
BUG = 1011
#: Neither a token nor a session that holds (any more).
UNAUTHORIZED = 4401
#: Not for who calls: another institution, no right to it, another site's page.
FORBIDDEN = 4403
#: Too many connections of this account (or of all): come back after a longer pause.
TOO_MANY = 4429
