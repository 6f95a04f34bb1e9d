"""The three kinds of failure, each with one treatment.

*invalid* (:class:`Invalid`): the data are wrong; they are put aside with a reason, never tried again.
*not now* (:class:`NotNow`): a server is away or overloaded; the same work is tried again in place.
*bug*: every other exception; it is logged, counted and stops the worker before anything is committed.
"""

from __future__ import annotations


class Invalid(Exception):
    """The data cannot be taken. ``reason`` is a stable code, ``detail`` says what and where, without values."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class NotNow(Exception):
    """A server does not answer or refuses for the moment; nothing is known to be wrong with the data."""


class Misconfigured(Exception):
    """The program cannot start as it is set up; the message is one sentence that says what to do (exit code 2)."""
