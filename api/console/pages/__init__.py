"""The pages; importing a module registers its pages. EVERY is in the order of the menu."""

from __future__ import annotations

from api.console.pages import admin, alerts, onboarding, reports, standard, thresholds

EVERY = (alerts, *reports.EVERY, onboarding, standard, *admin.EVERY, thresholds)
