"""/api/v1/onboarding: test institutions on their way to being connected: checklist, validation log, application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query

from api.accounts.onboarding import Decision
from api.accounts.principal import Principal
from api.accounts.tables import Onboarding, OnboardingStep
from api.depends import Actor, Parts, refusals, right
from api.errors import ApiError
from api.models_accounts import SecretAnswer
from api.models_onboarding import (
    ApplyBody,
    ApproveBody,
    ConditionAnswer,
    ItemAnswer,
    LogAnswer,
    MachineAnswer,
    OnboardingAnswer,
    OnboardingsAnswer,
    ProgressAnswer,
    RefuseBody,
    StartBody,
    StartedAnswer,
    StepAnswer,
    WithdrawBody,
)
from api.onboarding import work
from api.onboarding.conditions import Condition, ready
from api.onboarding.figures import checklists, needed_of, thresholds
from api.onboarding.life import ACTIONS, MOVES, STATES, Action
from api.onboarding.log import newest, success
from api.services import Services

router = APIRouter(tags=["接入 onboarding"])

Reading = Annotated[Principal, Depends(right("onboarding.read"))]
Starting = Annotated[Principal, Depends(right("onboarding.start"))]
Applying = Annotated[Principal, Depends(right("onboarding.apply"))]
Deciding = Annotated[Principal, Depends(right("onboarding.decide"))]

_PATH = "/api/v1/onboarding"
_STEP = refusals(403, 404, 409, 422)


@router.get(_PATH, summary="接入列表 Onboardings", responses=refusals(403))
async def onboardings(who: Reading, parts: Parts) -> OnboardingsAnswer:
    """可查看的接入和进度，新的在前。Those that one may see, with how many conditions are met, the newest first."""

    def found() -> list[OnboardingAnswer]:
        seen = [one for one in parts.accounts.onboarding.all() if work.visible(who, one)]
        lists = checklists(parts, [one.org for one in seen if one.state != "approved"])
        return [_answer(one, lists.get(one.org)) for one in seen]

    return OnboardingsAnswer(onboardings=await to_thread.run_sync(found))


@router.post(_PATH, summary="建立测试机构 Make a test institution", status_code=201, responses=_STEP)
async def start(body: StartBody, who: Starting, parts: Parts, by: Actor) -> StartedAnswer:
    """同名同机构再次调用会接着做完；密钥只显示一次。The same call again goes on where it was cut off."""

    def started() -> StartedAnswer:
        made = work.start(parts, who, by, body)
        secret = SecretAnswer(client_id=made.client[0], client_secret=made.client[1]) if made.client else None
        return StartedAnswer(onboarding=_now(parts, made.record), credentials=secret)

    return await to_thread.run_sync(started)


@router.get(f"{_PATH}/{{org}}", summary="接入进度和清单 Checklist", responses=refusals(403, 404))
async def progress(org: str, who: Reading, parts: Parts) -> ProgressAnswer:
    """条件、现状、要做什么；步骤；接入凭证。Conditions, figures, what to do; steps; credentials."""

    def found() -> ProgressAnswer:
        record = work.find(parts, who, org)
        conditions = checklists(parts, [org])[org]
        return ProgressAnswer(
            onboarding=_answer(record, conditions), days=needed_of(thresholds(parts), org).days,
            conditions=[_condition(one) for one in conditions],
            steps=[_step(one) for one in parts.accounts.onboarding.steps(org)],
            clients=[
                MachineAnswer(
                    client_id=one.id, label=one.label, allow=one.allow, created_at=one.created_at, used_at=one.used_at
                )
                for one in work.clients(parts, org)
            ],
            actions=_actions(who, record),
        )  # fmt: skip

    return await to_thread.run_sync(found)


@router.get(f"{_PATH}/{{org}}/log", summary="实时校验日志 Validation log", responses=refusals(403, 404, 422))
async def log(
    *, org: str, who: Reading, parts: Parts,
    table: Annotated[str, Query(description="标准表 table", max_length=64)] = "",
    cursor: Annotated[str, Query(description="上一页的 next_cursor，空为最新 of the page before", max_length=128)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LogAnswer:  # fmt: skip
    """最新的消息及其违反的规则；首页另有每张表今天和最近几天的入库率。
    The newest messages and the rules that they violate; on the first page also how each table does."""
    known = parts.standard.table(table) if table else None
    if table and known is None:
        raise ApiError("unknown_table")

    def found() -> LogAnswer:
        record = work.find(parts, who, org)
        messages, following = newest(parts, record.org, known.name if known else "", cursor, limit)
        days, tables = success(parts, record.org) if not cursor else (needed_of(thresholds(parts), org).days, [])
        return LogAnswer(org=org, messages=messages, next_cursor=following, days=days, tables=tables)

    return await to_thread.run_sync(found)


@router.post(f"{_PATH}/{{org}}/apply", summary="申请接入 Apply", responses=_STEP)
async def apply(org: str, body: ApplyBody, who: Applying, parts: Parts, by: Actor) -> OnboardingAnswer:
    """清单全部满足后，由测试机构的测试人员或正式机构提出。Once all conditions are met."""

    def applied() -> OnboardingAnswer:
        found = checklists(parts, [_own(parts, who, org).org])[org]
        record = work.apply(parts, by, _own(parts, who, org), found, body.formal, body.note, body.version, who)
        return _answer(record, found)

    return await to_thread.run_sync(applied)


@router.post(f"{_PATH}/{{org}}/withdraw", summary="撤回申请 Withdraw", responses=_STEP)
async def withdraw(org: str, body: WithdrawBody, who: Applying, parts: Parts, by: Actor) -> OnboardingAnswer:
    """回到测试中。Back to testing."""

    def withdrawn() -> OnboardingAnswer:
        _own(parts, who, org)
        decision = Decision(body.note)
        return _now(parts, parts.accounts.onboarding.step(by, org, "withdraw", decision, body.version))

    return await to_thread.run_sync(withdrawn)


@router.post(f"{_PATH}/{{org}}/approve", summary="批准接入 Approve", responses=_STEP)
async def approve(org: str, body: ApproveBody, who: Deciding, parts: Parts, by: Actor) -> OnboardingAnswer:
    """正式机构从 starts_on 起应传数据；测试机构保留。
    The real institution has to send from starts_on; the test institution stays."""

    def approved() -> OnboardingAnswer:
        return _now(parts, work.approve(parts, who, by, work.find(parts, who, org), body))

    return await to_thread.run_sync(approved)


@router.post(f"{_PATH}/{{org}}/refuse", summary="不予通过 Refuse", responses=_STEP)
async def refuse(org: str, body: RefuseBody, who: Deciding, parts: Parts, by: Actor) -> OnboardingAnswer:
    """说明要改什么；改好后可再次申请。Say what has to be mended; it may be applied for again."""

    def refused() -> OnboardingAnswer:
        work.find(parts, who, org)
        decision = Decision(body.note)
        return _now(parts, parts.accounts.onboarding.step(by, org, "refuse", decision, body.version))

    return await to_thread.run_sync(refused)


def _own(parts: Services, who: Principal, org: str) -> Onboarding:
    """Raises ApiError unknown_onboarding, other_org for one that may be seen and is not the caller's."""
    record = work.find(parts, who, org)
    if not work.owns(who, record):
        raise ApiError("other_org")
    return record


def _now(parts: Services, record: Onboarding) -> OnboardingAnswer:
    lists = {} if record.state == "approved" else checklists(parts, [record.org])
    return _answer(record, lists.get(record.org))


def _answer(record: Onboarding, found: Sequence[Condition] | None) -> OnboardingAnswer:
    return OnboardingAnswer(
        org=record.org, name=record.name, formal=record.formal, region=record.region, state=record.state,
        state_zh=STATES[record.state][0], version=record.version, ready=found is not None and ready(found),
        met=None if found is None else sum(one.state == "met" for one in found),
        conditions=None if found is None else len(found), starts_on=record.starts_on, created_at=record.created_at,
        created_by=record.created_by, changed_at=record.changed_at,
    )  # fmt: skip


def _condition(one: Condition) -> ConditionAnswer:
    zh, en, fix_zh, fix_en = one.texts
    return ConditionAnswer(
        id=one.id, state=one.state, figure=one.figure, needed=one.needed, unit=one.unit, zh=zh, en=en, fix_zh=fix_zh,
        fix_en=fix_en, items=[ItemAnswer.model_validate(item) for item in one.items],
    )  # fmt: skip


def _step(one: OnboardingStep) -> StepAnswer:
    return StepAnswer(
        version=one.version, at=one.at, actor=one.actor, action=one.action, action_zh=ACTIONS[one.action][0],
        state=one.state, note=one.note, figures=orjson.loads(one.figures) if one.figures else {},
    )  # fmt: skip


def _actions(who: Principal, record: Onboarding) -> list[Action]:
    own = who.may("onboarding.apply") and work.owns(who, record)
    may: dict[Action, bool] = {
        "apply": own, "withdraw": own, "approve": who.may("onboarding.decide"), "refuse": who.may("onboarding.decide"),
    }  # fmt: skip
    return [action for action, allowed in may.items() if allowed and record.state in MOVES[action].before]
