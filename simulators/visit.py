"""What a visit is made of: who came to whom and when, what was charged, and under which codes things are charged."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.maps import EXAM_FEE, HERB_FEE, LAB_FEE, PATENT_FEE, WESTERN_FEE, Department
from simulators.people import Person, Staff
from simulators.site import Name

#: By kind of what is charged (1 western, 2 patent, 3 herbs): item category, income class, group, prescription class.
CATEGORY = {"1": "01", "2": "01", "3": "02", "lab": "02", "exam": "03"}
FEE = {"1": WESTERN_FEE, "2": PATENT_FEE, "3": HERB_FEE, "lab": LAB_FEE, "exam": EXAM_FEE}
GROUP = {
    "1": ("0101", "西药"), "2": ("0103", "中成药"), "3": ("0102", "中草药"),
    "lab": ("02", "检验"), "exam": ("03", "检查"),
}  # fmt: skip
PRESCRIPTION = {"1": "0101", "2": "0102", "3": "0102", "lab": "02", "exam": "03"}


@dataclass(frozen=True, slots=True)
class Charge:
    """One charged line: what, how many for how much, and for which order (empty for registration)."""

    line: str
    order: str
    category: str
    fee: str
    code: str
    name: str
    unit: str
    group: Name
    cents: int
    quantity: int

    @property
    def total(self) -> int:
        """Price × quantity in cents."""
        return self.cents * self.quantity


@dataclass(slots=True)
class Visit:
    """One visit while its rows are written."""

    number: str
    person: Person
    new: bool
    department: Department
    doctor: Staff
    emergency: bool
    registered: int
    seen: int
    diagnosis: Name
    disease: Name
    syndrome: Name

    @property
    def done(self) -> int:
        """Second at which the visit ended."""
        return self.seen + 900
