"""Cases: alerts through their life, from the first sight of a condition to its end, and the notices about them.

``life`` decides (pure), ``store`` takes the steps by compare and set, ``tell`` makes the notices and hands them to the
stream of alerts and to the outbox. See ``docs/alerts.md``.
"""
