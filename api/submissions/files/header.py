"""The header of a file held against the columns of the standard. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.submissions.files.refused import Unusable
from standard.model import Table

#: Names of columns in one refusal; who sees these knows which kind of header is wrong.
MOST_NAMED = 10
#: What looks like nothing in a header: spaces of all widths and marks that text editors leave.
_INVISIBLE = " \t\r\n\u00a0\u3000\u200b\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Header:
    """The standard's column in each place of the file; ``missing``: optional columns that the file does not have."""

    names: tuple[str, ...]
    missing: tuple[str, ...]


def read_header(cells: Sequence[str], table: Table, variant: str) -> Header:
    """The header from its cells: codes in any case, or Chinese names, mixed if need be, in any order. Raises Unusable.

    :param variant: ``western`` or ``tcm``.
    """
    given = [cell.strip(_INVISIBLE) for cell in cells]
    while given and not given[-1]:
        given.pop()
    codes = {column.name.upper(): column.name for column in table.columns}
    codes |= {column.name_zh: column.name for column in table.columns}
    found = [codes.get(cell.upper()) or codes.get(cell) for cell in given]
    if not any(found):
        raise Unusable("no_header", 1)
    unknown = [cell or "（空）" for cell, name in zip(given, found, strict=True) if name is None]
    if unknown:
        raise Unusable("unknown_columns", 1, columns=_named(unknown))
    names = [name for name in found if name is not None]
    double = [name for name, times in Counter(names).items() if times > 1]
    if double:
        raise Unusable("double_columns", 1, columns=_named(double))
    wanted = table.of_variant("tcm" if variant == "tcm" else "")
    foreign = set(names) - {column.name for column in wanted}
    if foreign:
        raise Unusable("tcm_columns", 1, columns=_named(sorted(foreign)))
    missing = [column for column in wanted if column.name not in set(names)]
    needed = [column.name for column in missing if column.mandatory or column.name in table.key]
    if needed:
        raise Unusable("missing_columns", 1, columns=_named(needed))
    return Header(tuple(names), tuple(column.name for column in missing))


def _named(columns: Iterable[str]) -> str:
    """Some of the columns; a cell of a file that is no header at all is not repeated whole."""
    shown = [column[:40] for column in columns]
    more = f" … ({len(shown)})" if len(shown) > MOST_NAMED else ""
    return ", ".join(shown[:MOST_NAMED]) + more
