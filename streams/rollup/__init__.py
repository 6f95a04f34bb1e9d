"""The rollup: sums of the ledger by day (``Rollup``), what the rows of a day say (``Facts``), and their codes by month
(``Months``).

All are told by the tables what is new, never by memory, and write whole truths that replace the former ones. One
process at a time does this work (the leader); a second one for a while costs work, not truth.
"""

from streams.rollup.cells import Cell
from streams.rollup.facts import Facts
from streams.rollup.months import Months
from streams.rollup.sums import Rollup

__all__ = ["Cell", "Facts", "Months", "Rollup"]
