"""The indicators as pages."""

from __future__ import annotations

from api.console.pages.reports import association, check, fees, sources

EVERY = (check, association, fees, sources)
