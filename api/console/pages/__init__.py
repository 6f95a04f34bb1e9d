"""The pages; importing a module registers its pages. EVERY is in the order of the menu."""

from __future__ import annotations

from api.console.pages import (
    admin,
    alerts,
    data,
    front_pages,
    institution,
    live,
    maps,
    onboarding,
    reports,
    standard,
    thresholds,
)

EVERY = (
    live, alerts, *institution.EVERY, *reports.EVERY, *maps.EVERY, *data.EVERY, *front_pages.EVERY,
    onboarding, standard, *admin.EVERY, thresholds,
)  # fmt: skip
