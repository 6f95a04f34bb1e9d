"""Front pages (病案首页): handing in, what was wrong, how good it is, who has submitted and who is to be asked."""

from __future__ import annotations

from api.console.pages.front_pages import (
    compare,
    contacts,
    listing,
    month,
    one,
    openings,
    record,
    score,
    specialties,
    upload,
)

EVERY = (upload, listing, one, compare, score, specialties, month, openings, contacts, record)
