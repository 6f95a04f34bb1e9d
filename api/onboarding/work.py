"""Making a test institution, and making a real one of it: what stands in two databases, in an order that can be gone
through again from the beginning after every failure.

Start: 1 the record with its code · 2 the test institution · 3 the machine's credentials · 4 the registration of who
asked. The same call again finds the record and goes on. Approval: 1 the step · 2 the real institution; an approval
that was cut off between the two is finished by approving again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import orjson

from api.accounts.audit import By
from api.accounts.onboarding import Decision
from api.accounts.principal import Assignment, Principal
from api.accounts.region import covers, region_of
from api.accounts.tables import Client, Onboarding
from api.errors import ApiError
from api.indicators.filters import shanghai_day
from api.models_onboarding import ApproveBody, StartBody
from api.onboarding.codes import serial_of
from api.onboarding.conditions import Condition, ready
from api.services import Services
from clickhouse.orgs import Org

#: Behind the name of a test institution, so that nobody takes it for the real one in a list.
TEST_NAME = "（测试）"


@dataclass(frozen=True, slots=True)
class Started:
    """What was begun; id and secret of the machine when they were made now."""

    record: Onboarding
    client: tuple[str, str] | None


def visible(who: Principal, record: Onboarding) -> bool:
    """Who sees the test institution sees its onboarding, and so does the real institution."""
    return who.sees(record.org) or owns(who, record)


def owns(who: Principal, record: Onboarding) -> bool:
    """Whether it is the caller's own: a tester of just this test institution, or the real institution itself."""
    return bool(who.org) and who.org in (record.org, record.formal)


def find(parts: Services, who: Principal, org: str) -> Onboarding:
    """The onboarding of a test institution. Raises ApiError unknown_onboarding for one that may not be seen."""
    record = parts.accounts.onboarding.find(org)
    if not visible(who, record):
        raise ApiError("unknown_onboarding")
    return record


def start(parts: Services, who: Principal, by: By, body: StartBody) -> Started:
    """Make a test institution. Blocks. Raises ApiError not_yours, onboarding_there, name_taken, …"""
    region = region_of(body.city, body.county)
    known = {org.org: org for org in parts.orgs.all()}
    if who.role != "admin" and not covers(who.assignment.scope, region):
        raise ApiError("not_yours")
    _check_formal(who, body.formal, known.keys())
    _check_registration(parts, who, body.registration)
    record = parts.accounts.onboarding.start(by, body.name, region, body.formal, known.keys())
    own = Org(
        record.org, record.name + TEST_NAME, body.city, body.county, body.level, body.type, body.outpatient,
        body.inpatient, body.contact, body.phone, test=True,
    )  # fmt: skip
    parts.orgs.save([own])
    parts.directory.forget()
    client = _credentials(parts, by, record.org, body.client) if body.client else None
    if body.registration:
        parts.accounts.registrations.approve(by, body.registration, Assignment("tester", record.org))
    return Started(record, client)


def clients(parts: Services, org: str) -> list[Client]:
    """The machines of a test institution. Blocks."""
    return [one for one in parts.accounts.clients.all() if one.org == org]


def apply(
    parts: Services, by: By, record: Onboarding, found: Sequence[Condition], formal: str, note: str,
    version: int | None, who: Principal,
) -> Onboarding:  # fmt: skip
    """Apply with the checklist as it is. Blocks. Raises ApiError not_ready and what a step raises."""
    if not ready(found):
        raise ApiError("not_ready", more={"unmet": [one.id for one in found if one.state != "met"]})
    if record.formal and formal not in ("", record.formal):
        raise ApiError("no_formal_org")  # whose it is was said when it began
    _check_formal(who, formal, ())
    figures = {one.id: {"figure": one.figure, "needed": one.needed, "unit": one.unit} for one in found}
    decision = Decision(note, formal, figures=orjson.dumps(figures).decode())
    return parts.accounts.onboarding.step(by, record.org, "apply", decision, version)


def approve(parts: Services, who: Principal, by: By, record: Onboarding, body: ApproveBody) -> Onboarding:
    """Approve, and make the institution real. Blocks. Raises ApiError not_yours and what a step raises."""
    known = {org.org: org for org in parts.orgs.all()}
    _check_formal(who, record.formal, known.keys())
    if record.state != "approved":
        decision = Decision(body.note, starts_on=body.starts_on or tomorrow(parts))
        record = parts.accounts.onboarding.step(by, record.org, "approve", decision, body.version)
    elif (there := known.get(record.formal)) and there.active and not there.test:
        return record
    parts.orgs.save([_real(record, known.get(record.formal) or known.get(record.org))])
    parts.directory.forget()
    return record


def tomorrow(parts: Services) -> date:
    """The first business day of an institution that is approved today."""
    return shanghai_day(parts.now()) + timedelta(days=1)


def _real(record: Onboarding, like: Org | None) -> Org:
    """The real institution: as it is kept already, or else like its test institution."""
    known = like or Org(record.org, record.name, county=record.region)
    name = known.name.removesuffix(TEST_NAME) or record.name
    starts_on = record.starts_on or known.starts_on
    return replace(known, org=record.formal, name=name, test=False, active=True, starts_on=starts_on)


def _check_formal(who: Principal, formal: str, known: Collection[str]) -> None:
    """Raises ApiError: the real institution is no test institution, and one that is known is in the caller's range."""
    if serial_of(formal) is not None:
        raise ApiError("no_formal_org")
    if formal in known and not who.sees(formal):
        raise ApiError("not_yours")


def _credentials(parts: Services, by: By, org: str, label: str) -> tuple[str, str] | None:
    if clients(parts, org):
        return None  # made before; a lost secret is rotated, because this one may be in use
    client, secret = parts.accounts.clients.add(by, label, Assignment("tester", org))
    return client.id, secret


def _check_registration(parts: Services, who: Principal, ident: str) -> None:
    """Raises ApiError unknown_registration for one that the caller may not decide on."""
    if ident and not parts.directory.manages(who.assignment, parts.accounts.registrations.find(ident).assignment):
        raise ApiError("unknown_registration")
