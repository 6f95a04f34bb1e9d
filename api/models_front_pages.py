"""What the endpoints of front pages answer, besides the figures of indicators."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.models import Answer


class SpecialtyOut(Answer):
    """A specialty: a front page belongs to it by the beginning of its discharge department, of its main diagnosis, or
    of its main disease of Chinese medicine."""

    name: str = Field(examples=["cardiovascular"])
    zh: str = Field(examples=["心血管"])
    en: str
    departments: list[str] = Field(examples=[["0304"]])
    diagnoses: list[str] = Field(examples=[["I"]])
    diseases: list[str]


class SpecialtiesAnswer(Answer):
    """All specialties."""

    specialties: list[SpecialtyOut]


class TermsPart(Answer):
    """A part of the score; ``kinds`` of checks belong to it, an empty list: all others."""

    name: Literal["completeness", "logic", "coding"]
    zh: str
    en: str
    weight: float = Field(description="all weights together are 1")
    kinds: list[str]


class TermsAnswer(Answer):
    """Each front page begins with 100 points in each part; ``error`` and ``warning`` are taken away for a violated
    rule. From ``good`` and ``enough`` on a score has that grade."""

    parts: list[TermsPart]
    error: float
    warning: float
    good: float
    enough: float
