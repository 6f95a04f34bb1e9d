"""What somebody does with a case: checked, written into the audit log, done, answered. For the routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request

from api.accounts.principal import Principal
from api.case_view import case_answer, meanwhile
from api.depends import Parts, Seen
from api.errors import ApiError
from api.models_cases import CaseAnswer
from api.services import Services
from api.wire import SHANGHAI
from clickhouse.narrowed import Reader
from sanjian.errors import Invalid
from streams.cases import loop
from streams.cases.people import PersonStep
from streams.cases.store import CaseReader

#: Nobody knows today what is right in a quarter of a year.
LONGEST = timedelta(days=92)
#: Invalid of a step → code of the refusal.
_REFUSALS = {"resolved": "case_over", "changed": "case_changed", "past": "snooze_until", "stage": "case_stage"}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where steps are taken, in one request."""

    parts: Services
    seen: Reader
    request: Request

    async def act(
        self, who: Principal, ident: str, action: str, version: int | None, step: Callable[[], PersonStep]
    ) -> CaseAnswer:  # fmt: skip
        """Written into the audit log first, then done; a case never becomes another institution's.

        :param step: gives the step; called in a thread.
        """
        if await to_thread.run_sync(CaseReader(self.seen).find, ident) is None:
            raise ApiError("unknown_case")  # somebody else's case is no different from none
        await self.parts.audit_log.write(who, self.request, f"case.{action}", ident)

        def act() -> CaseAnswer:
            now = self.parts.now()
            try:
                done = self.parts.casework.cases.act(ident, step(), now, version=version, of=who.authority)
            except Invalid as error:
                steps = CaseReader(self.seen).steps(ident)
                raise ApiError(_REFUSALS[error.reason], more=meanwhile(steps, version, who)) from error
            if done is None:
                raise ApiError("unknown_case")
            return case_answer(done, who, org_names(self.parts), now)

        return await to_thread.run_sync(act)

    def due(self, asked: datetime | None) -> Callable[[], loop.Due]:
        """Gives the due dates of a step. Raises ApiError case_due for one in the past or too far ahead."""
        moment = in_shanghai(asked) if asked else None
        if moment and not self.parts.now() < moment <= self.parts.now() + LONGEST:
            raise ApiError("case_due")
        return lambda: self.parts.casework.due(moment)


def org_names(parts: Services) -> dict[str, str]:
    """The names of institutions by code. Blocks."""
    return {org.org: org.name for org in parts.orgs.all()}


def in_shanghai(moment: datetime) -> datetime:
    """A time without zone is Shanghai time."""
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _desk(parts: Parts, seen: Seen, request: Request) -> Desk:
    return Desk(parts, seen, request)


AtDesk = Annotated[Desk, Depends(_desk)]
