"""Boards, alert rules and provisioning of Grafana as code: ``sanjian grafana render`` writes what lies in ``boards/``
and ``provisioning/``. Declared in ``declared/`` and ``alerting.py``; the queries are those of the API."""
