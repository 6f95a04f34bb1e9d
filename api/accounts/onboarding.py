"""Records of onboarding: which test institution is whose, how far it is, and every step with who took it.

A step is compare and set: it is taken from the version that was seen, in one transaction with its audit entry; of two
who decide at once one has it, the other is told that somebody else was first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.accounts.audit import By, record
from api.accounts.database import Database
from api.accounts.tables import Onboarding, OnboardingStep
from api.errors import ApiError
from api.onboarding.codes import LAST, test_code
from api.onboarding.life import MOVES, Action
from sanjian.errors import NotNow


@dataclass(frozen=True, slots=True)
class Decision:
    """What goes with a step. ``formal`` and ``starts_on``: empty and None leave what is kept. ``figures``: JSON of the
    checklist as it was then."""

    note: str = ""
    formal: str = ""
    starts_on: date | None = None
    figures: str = ""


class Onboardings:
    """The records. ``now`` gives UTC. All methods block; each is one transaction with its audit entry."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def all(self) -> list[Onboarding]:
        """Every record, the newest first."""
        with self._database.reading() as session:
            return list(session.scalars(select(Onboarding).order_by(Onboarding.serial.desc())))

    def find(self, org: str) -> Onboarding:
        """The record of a test institution. Raises ApiError unknown_onboarding."""
        with self._database.reading() as session:
            return _get(session, org)

    def steps(self, org: str) -> list[OnboardingStep]:
        """Every step, oldest first."""
        with self._database.reading() as session:
            wanted = select(OnboardingStep).where(OnboardingStep.org == org).order_by(OnboardingStep.version)
            return list(session.scalars(wanted))

    def start(self, by: By, name: str, region: str, formal: str, taken: Collection[str]) -> Onboarding:
        """A record and the code of its test institution, the next that is free (``taken``: codes in use elsewhere). The
        same name and institution again give the same record, so that a start that was cut off goes on. Raises ApiError
        onboarding_there, test_codes_used."""
        with self._database.writing() as session:
            for there in session.scalars(select(Onboarding).where(Onboarding.state != "approved")):
                if there.name == name or (formal and there.formal == formal):
                    if (there.name, there.formal, there.region) == (name, formal, region):
                        return there
                    raise ApiError("onboarding_there")
            serial = (session.scalar(select(func.max(Onboarding.serial))) or 0) + 1
            while serial <= LAST and test_code(serial, region) in taken:
                serial += 1
            if serial > LAST:
                raise ApiError("test_codes_used")
            found = Onboarding(
                org=test_code(serial, region), serial=serial, name=name, region=region, formal=formal, state="testing",
                version=1, created_at=self._now(), created_by=by.actor, changed_at=self._now(),
            )  # fmt: skip
            session.add(found)
            try:
                session.flush()
            except IntegrityError as error:  # PostgreSQL: another process took the number meanwhile
                raise NotNow("another onboarding began at the same moment") from error
            self._note(session, by, found, "start", Decision(formal=formal))
            return found

    def step(self, by: By, org: str, action: Action, decision: Decision, version: int | None = None) -> Onboarding:
        """Take a step; ``version`` is what was looked at, None the present one. Raises ApiError unknown_onboarding,
        onboarding_state, onboarding_changed, no_formal_org."""
        move = MOVES[action]
        with self._database.writing() as session:
            found = _get(session, org)
            seen = found.version if version is None else version
            if found.state not in move.before:
                raise ApiError("onboarding_state")
            values = {
                "state": move.after, "version": seen + 1, "changed_at": self._now(),
                "formal": decision.formal or found.formal, "starts_on": decision.starts_on or found.starts_on,
            }  # fmt: skip
            if not values["formal"]:
                raise ApiError("no_formal_org")
            same = (Onboarding.org == org, Onboarding.version == seen, Onboarding.state == found.state)
            if not _count(session, update(Onboarding).where(*same).values(**values)):
                raise ApiError("onboarding_changed")
            session.refresh(found)
            self._note(session, by, found, action, decision)
            return found

    def _note(self, session: Session, by: By, found: Onboarding, action: Action, decision: Decision) -> None:
        session.add(
            OnboardingStep(
                org=found.org, version=found.version, at=self._now(), actor=by.actor, action=action, state=found.state,
                note=decision.note, figures=decision.figures,
            )
        )  # fmt: skip
        starts_on = found.starts_on.isoformat() if found.starts_on else ""
        more = {"starts_on": starts_on} if action == "approve" else {}
        record(
            session, self._now(), by, f"onboarding.{action}", found.org, formal=found.formal, version=found.version,
            **more,
        )  # fmt: skip


def _count(session: Session, statement: Update) -> int:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)  # what an update gives
    return result.rowcount


def _get(session: Session, org: str) -> Onboarding:
    found = session.get(Onboarding, org)
    if found is None:
        raise ApiError("unknown_onboarding")
    return found
