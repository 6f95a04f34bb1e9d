"""Alerts: the list, the monthly summary, and one alert with its closed loop. The summary comes before the single alert,
whose address would take it for an alert's number."""

from __future__ import annotations

from api.console.pages.alerts import listing as listing  # isort: skip
from api.console.pages.alerts import summary as summary  # isort: skip
from api.console.pages.alerts import case as case  # isort: skip
