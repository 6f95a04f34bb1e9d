"""Rules of scope ``store``: what needs other rows than the batch, decided in ClickHouse after landing.

Every check of ``standard.vocabulary`` with that scope becomes SQL once, when :class:`StoreChecks` is made:

- ``sql``: terms and conditions on the columns of one row
- ``joins``: what a row looks up in other rows, each look-up grouped by its key
- ``lookups``, ``groups``, ``refunds``, ``sums``, ``stays``, ``catalogues``: the kinds of checks
- ``compiled``: the rules of a table; ``statement``: rules that look up the same become one statement
- ``results``: answers to rows of ``store_days`` and ``store_findings``
- ``due``: which days have to be looked at; ``run``: the work itself
"""
