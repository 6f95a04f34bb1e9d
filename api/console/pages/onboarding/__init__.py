"""Joining: test institutions on their way to being connected, and one of them."""

from __future__ import annotations

from api.console.pages.onboarding import listing as listing
from api.console.pages.onboarding import progress as progress
