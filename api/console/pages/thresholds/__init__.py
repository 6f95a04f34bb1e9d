"""Thresholds: what they are, where they are set, who changed them."""

from __future__ import annotations

from api.console.pages.thresholds import listing as listing
