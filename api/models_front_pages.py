"""What the endpoints of front pages answer, besides the figures of indicators."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models import ORG, Answer, Moment


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


class ContactOut(Answer):
    """The contact sheet of an institution. ``id_number`` is masked unless ``personal``; ``missing`` are the columns
    that are still to be filled in."""

    org: str = Field(examples=[ORG])
    org_name: str
    level: int
    type: str
    name: str
    sex: Literal["", "1", "2"] = Field(description="1 男 male, 2 女 female")
    birth_year: int = Field(description="0: not filled in")
    age: int | None
    title: str
    phone: str
    mobile: str
    id_number: str
    personal: bool = Field(description="true: shown as it was filled in; this look is in the audit log")
    missing: list[str]
    filled: bool
    changed_at: Moment | None
    changed_by: str


class ContactsAnswer(Answer):
    """Contact sheets of the institutions that one may see; ``filled`` of them have every column."""

    contacts: list[ContactOut]
    filled: int


class ContactBody(BaseModel):
    """What is to be changed; a column that is not sent stays, an empty one is emptied."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=40, examples=["示例联系人"])
    sex: Literal["", "1", "2"] | None = None
    birth_year: int | None = Field(None, ge=0, le=2200)
    title: str | None = Field(None, max_length=60)
    phone: str | None = Field(None, max_length=40)
    mobile: str | None = Field(None, max_length=20)
    id_number: str | None = Field(None, max_length=18)
