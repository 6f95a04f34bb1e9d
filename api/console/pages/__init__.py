"""The pages; importing a module registers its pages. EVERY is in the order of the menu."""

from __future__ import annotations

from api.console.pages import alerts, check_report, standard, thresholds

EVERY = (alerts, check_report, standard, thresholds)
