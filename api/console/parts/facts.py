"""Names with their values, as a definition list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nicegui import ui


@dataclass(frozen=True, slots=True)
class Fact:
    """``name`` in the page's language; an empty ``text`` is left out; ``href`` makes it a link."""

    name: str
    text: str
    href: str = ""


def facts(given: Iterable[Fact], *, inline: bool = False) -> None:
    """One below the other, or ``inline`` beside each other."""
    with ui.element("dl").classes("sj-inline" if inline else "sj-facts"):
        for fact in given:
            if not fact.text:
                continue
            if inline:
                with ui.element("div"):
                    _pair(fact)
            else:
                _pair(fact)


def _pair(fact: Fact) -> None:
    with ui.element("dt"):
        ui.label(fact.name)
    with ui.element("dd"):
        if fact.href:
            ui.link(fact.text, fact.href)
        else:
            ui.label(fact.text)
