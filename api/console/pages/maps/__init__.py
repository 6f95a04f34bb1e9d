"""Code mapping: rates and unmapped codes, and an institution's maps with upload, review and history."""

from __future__ import annotations

from api.console.pages.maps import keep, rates

EVERY = (rates, keep)
