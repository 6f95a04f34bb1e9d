"""An institution: its month by table and day, what is wrong with its data, its code maps, its alerts, whom to call."""

from __future__ import annotations

from api.console.pages.institution import whole

EVERY = (whole,)
