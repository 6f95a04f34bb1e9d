"""The outbox: what channels are sent, with every attempt written down.

A delivery is *pending* → *leased* by one sender → *delivered*, or *failed* (again later, with growing pauses) and in
the end *dead*. Each step is taken by compare and set, so of two senders one sends. A sender that dies after sending and
before writing it down leaves a lease that runs out: the message goes once more, with the same id. See
``docs/alerts.md``.
"""
