"""Splits an SQL file into its statements."""

from __future__ import annotations

import re

# What may hold a semicolon that ends nothing: comments, texts, quoted names. Quotes are escaped by doubling or by a
# backslash.
_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?\*/)
    |(?P<quoted>'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*")
    |(?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)


def statements(text: str) -> list[str]:
    """The statements of an SQL text in order, without comments, final semicolons and empty statements."""
    found: list[str] = []
    current: list[str] = []
    position = 0
    for token in _TOKEN.finditer(text):
        current.append(text[position : token.start()])
        position = token.end()
        if token.lastgroup == "end":
            found.append("".join(current).strip())
            current = []
        elif token.lastgroup == "quoted":
            current.append(token.group())
        else:
            current.append(" ")  # a comment separates words
    current.append(text[position:])
    found.append("".join(current).strip())
    return [statement for statement in found if statement]
