"""Rows: findings, rejected rows, and the record of a visit."""

from __future__ import annotations

from api.console.pages.data import findings, record, rejected

EVERY = (findings, rejected, record)
