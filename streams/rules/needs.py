"""What a check needs so that a row can violate it at all: columns that hold something.

A wide table's rows leave most columns empty, whole batches of them. A check that is silent on empty values need not be
looked at where its column is empty in every row; the outcome is the same, told without evaluating it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from standard.model import Check
from standard.vocabulary import MANY

#: Kinds that an empty value may violate; or their terms say what they need; in every other
#: kind an empty value is no violation.
LOOK_AT_EMPTY = frozenset({"mandatory", "any_filled", "never", "arithmetic", "agree"})
#: Kinds that are violated only if one of their columns holds something.
NEED_ANY = frozenset({"together", "in_order", "distinct"})


@dataclass(frozen=True, slots=True)
class Needs:
    """``all_of`` have to hold something in some row, and so has one of ``any_of`` unless there are none."""

    all_of: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()

    def met(self, present: Collection[str]) -> bool:
        """Whether the columns that hold something suffice."""
        return all(column in present for column in self.all_of) and (
            not self.any_of or any(column in present for column in self.any_of)
        )


def needs_of(check: Check, column: str, whole: bool) -> Needs:
    """What a check on ``column`` needs; ``whole``: it looks at all its columns together."""
    needed = set(_of_conditions(check.when))
    if check.kind in NEED_ANY:
        return Needs(frozenset(needed), frozenset(check.columns))
    if check.kind not in LOOK_AT_EMPTY:
        needed.add(column)
        # what the others bring is not always asked for: a code may be looked up elsewhere
        needed.update(check.columns if whole and check.kind in ("date_order", "late", "sex", "reference") else ())
    elif check.kind == "arithmetic" and isinstance(check.params["left"], str):
        needed.add(check.params["left"])  # a term that is nothing but a column is silent without it
    return Needs(frozenset(needed))


def _of_conditions(when: Mapping[str, Any]) -> set[str]:
    """Columns whose conditions do not hold on an empty value."""
    return {column for column, ops in when.items() if column not in MANY and ops.get("filled") is not False}
