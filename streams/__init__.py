"""The stream: what becomes of a message of ``his.changes``, in this order.

1. decode: ``transport`` (runs of records), ``message`` (header, identity), ``decode`` (rows to columns)
2. decide: ``typed`` (types), ``maps`` (standard codes), ``rules`` (findings), ``decide`` (accepted or rejected)
3. land accepted rows: ``shape`` (frames like the tables), ``land``
4. land findings, rejected rows, unmapped codes, dead letters and alerts: ``alerts``, ``masking``, ``reasons``
5. publish alerts and dead letters and wait for the broker: ``producer``
6. land the ledger rows: ``ledger`` reads them
7. acknowledge: ``app``

``pipeline`` is this list for one run, ``worker`` everything that runs it. ``retry`` treats *not now*; ``mapfeed`` and
``orgs`` keep what is needed to decide up to date; ``topics`` and ``offsets`` know the broker; ``audit`` and
``deadletters`` are for operators.
"""
