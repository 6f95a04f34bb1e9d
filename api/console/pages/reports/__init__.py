"""The indicators as pages."""

from __future__ import annotations

from api.console.pages.reports import association, check, fees

EVERY = (check, association, fees)
