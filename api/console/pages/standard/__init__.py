"""The standard to be browsed: tables and columns, rules, lists of codes, settings of this platform."""

from __future__ import annotations

from api.console.pages.standard import codes as codes
from api.console.pages.standard import rules as rules
from api.console.pages.standard import settings as settings
from api.console.pages.standard import tables as tables
