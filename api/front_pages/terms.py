"""How the score is worked out, from the settings of the standard: parts, weights, points, grades, specialties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from standard.model import Standard

Part = Literal["completeness", "logic", "coding"]
#: How a front page is chosen for a specialty.
By = Literal["any", "department", "diagnosis"]

#: Part → Chinese, English.
PARTS: Mapping[Part, tuple[str, str]] = MappingProxyType(
    {
        "completeness": ("完整性", "completeness"),
        "logic": ("逻辑性", "logic"),
        "coding": ("编码规范", "coding"),
    }
)
#: Grade → Chinese, English, from the best.
GRADES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"good": ("优良", "good"), "enough": ("合格", "enough"), "poor": ("待改进", "poor")}
)


@dataclass(frozen=True, slots=True)
class Specialty:
    """A specialty; each list holds beginnings of codes."""

    name: str
    zh: str
    en: str
    departments: tuple[str, ...]
    diagnoses: tuple[str, ...]
    diseases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a score is made of. ``weights`` sum up to 1."""

    weights: Mapping[str, float]
    error: float
    warning: float
    kinds: Mapping[str, tuple[str, ...]]
    grades: Mapping[str, float]

    def score(self, completeness: float, logic: float, coding: float) -> float:
        """The three parts as one number."""
        found = {"completeness": completeness, "logic": logic, "coding": coding}
        return sum(self.weights[part] * points for part, points in found.items())

    def grade(self, score: float) -> str:
        """In which grade a score is."""
        return next((name for name in ("good", "enough") if score >= self.grades[name]), "poor")

    def parameters(self) -> dict[str, Any]:
        """The parameters that the named queries share."""
        return {
            "completeness": list(self.kinds["completeness"]), "coding": list(self.kinds["coding"]),
            "error": self.error, "warning": self.warning,
            **{f"{part}_weight": self.weights[part] for part in PARTS},
        }  # fmt: skip


def terms(standard: Standard) -> Terms:
    """The terms of this platform; weights are brought to a sum of 1."""
    settings = standard.settings
    whole = sum(settings["score_weights"][part] for part in PARTS)
    return Terms(
        weights={part: settings["score_weights"][part] / whole for part in PARTS},
        error=float(settings["score_deductions"]["error"]), warning=float(settings["score_deductions"]["warning"]),
        kinds=settings["score_kinds"], grades=settings["score_grades"],
    )  # fmt: skip


def specialties(standard: Standard) -> dict[str, Specialty]:
    """Specialties by name, in the order of the settings."""
    return {
        name: Specialty(
            name, given["zh"], given["en"], tuple(given["departments"]), tuple(given["diagnoses"]),
            tuple(given["diseases"]),
        )
        for name, given in standard.settings["specialties"].items()
    }  # fmt: skip


def chosen(specialty: Specialty | None, by: By) -> dict[str, list[str]]:
    """The codes as the named queries take them; None: every front page.

    A code that there is not stands where a list would be empty, so that a specialty without departments, by
    department, has no front pages instead of all of them.
    """
    if specialty is None:
        return {"departments": [], "diagnoses": [], "diseases": []}
    departments = specialty.departments if by != "diagnosis" else ()
    found = specialty.diagnoses if by != "department" else ()
    diseases = specialty.diseases if by != "department" else ()
    if not (departments or found or diseases):
        departments = ("\0",)
    return {"departments": list(departments), "diagnoses": list(found), "diseases": list(diseases)}
