"""``refund_store``: refunds against what they refund, both rows of the same table."""

from __future__ import annotations

from streams.store_checks.joins import Decided, Join, Joins, Pairs, Question, pairs_of
from streams.store_checks.sql import all_of, any_of, conditions, known, name, texts


def refund_store(asked: Question, joins: Joins) -> Decided:
    """The refund has no original, comes before it or is greater than it; or (``reverse``) an original has no refund."""
    if asked.params.get("reverse"):
        return _original_without_refund(asked, joins)
    params, row = asked.params, joins.row
    pairs = _pairs(asked)
    originals = joins.to(asked.table.name, pairs)
    count = originals.count(_flagged(asked, "original"))
    base = [conditions(asked.check.when, row), f"{row.raw(params['flag'])} IN {texts(params['refund'])}"]
    base.append(joins.filled(pairs))
    wrong = [part for part in (_later(asked, joins, originals), _same_amount(asked, joins, originals)) if part]
    used = [originals]
    if "compare" in params:
        refunds = joins.to(asked.table.name, tuple((mine, mine) for mine, _ in pairs))
        used.append(refunds)
        wrong += [_exceeds(asked, column, refunds, originals) for column in params["compare"]]
    violated = any_of(all_of([f"{count} > 0", part]) for part in wrong)
    if params.get("exists"):
        return Decided(all_of(base), any_of([f"{count} = 0", violated]), tuple(used))
    return Decided(all_of([*base, f"{count} > 0"]), violated, tuple(used))


def _pairs(asked: Question) -> Pairs:
    """Column of the refund → column of the original."""
    return pairs_of(asked.params.get("match", {})) + tuple((column, column) for column in asked.params.get("by", ()))


def _flagged(asked: Question, which: str) -> str:
    return f"{name(asked.params['flag'])} IN {texts(asked.params[which])}"


def _original_without_refund(asked: Question, joins: Joins) -> Decided:
    pairs = tuple((theirs, mine) for mine, theirs in _pairs(asked))
    join = joins.to(asked.table.name, pairs)
    applies = [conditions(asked.check.when, joins.row), joins.filled(pairs)]
    applies.append(f"{joins.row.raw(asked.params['flag'])} IN {texts(asked.params['original'])}")
    return Decided(all_of(applies), f"{join.count(_flagged(asked, 'refund'))} = 0", (join,))


def _later(asked: Question, joins: Joins, originals: Join) -> str:
    """No original is earlier than the refund."""
    if "later" not in asked.params:
        return ""
    column = asked.params["later"]
    earliest = originals.bring(f"minIf({name(column)}, {_flagged(asked, 'original')})")
    return known(f"{joins.row.raw(column)} <= {earliest}")


def _same_amount(asked: Question, joins: Joins, originals: Join) -> str:
    """No original has the same amount."""
    if "same_amount" not in asked.params:
        return ""
    column = asked.params["same_amount"]
    found, tolerance = originals.found([column]), float(asked.params["tolerance"])
    there = f"{_flagged(asked, 'original')} AND {originals.other.filled(column)}"
    equal = f"abs(abs({joins.row.raw(column)}) - abs({found.raw(column)})) <= toDecimal64('{tolerance}', 4)"
    some = originals.some([column], there, known(equal))
    return all_of([joins.row.filled(column), f"{originals.count(there)} > 0", f"NOT {some}"])


def _exceeds(asked: Question, column: str, refunds: Join, originals: Join) -> str:
    """All refunds together are more than the originals together."""
    back = refunds.bring(f"sumIf({name(column)}, {_flagged(asked, 'refund')})")
    paid = originals.bring(f"sumIf({name(column)}, {_flagged(asked, 'original')})")
    return known(f"abs({back}) > abs({paid}) + toDecimal64('{float(asked.params['tolerance'])}', 4)")
