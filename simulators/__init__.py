"""A synthetic province of hospitals: what they send, with which faults, and exactly what should be found in it.

The way through: ``orgs`` and ``maps`` (who sends, with which local codes) → ``people`` → ``clinic`` and ``wards``
(rows of one institution and day) → ``province`` (batches of all of them) → ``faults`` (planted, each with its expected
outcome in a ``manifest``) → ``messages`` (bytes) → ``send`` (Kafka or the gateway). ``record`` and ``replay`` keep and
repeat real feeds. Nothing here evaluates a rule: expectations are stated where a fault is planted.
"""
