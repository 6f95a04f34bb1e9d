"""GET /api/v1/front-pages/…: quality score, ranking and specialties of front pages (病案首页), as JSON, CSV or XLSX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from api.accounts.principal import Principal
from api.depends import Parts, Seen, refusals, right
from api.front_pages.score import score, score_rows, score_rules
from api.front_pages.specialty import Group, specialty_figures
from api.front_pages.terms import PARTS, By, specialties, terms
from api.indicators.export import shown
from api.indicators.filters import Asked
from api.models_front_pages import SpecialtiesAnswer, SpecialtyOut, TermsAnswer, TermsPart
from api.models_indicators import IndicatorAnswer

router = APIRouter(tags=["病案首页 front pages"])

_PATH = "/api/v1/front-pages"
Reading = Annotated[Principal, Depends(right("indicators.read"))]
Name = Annotated[str, Query(description="专科；空为全部 specialty; empty: every front page", max_length=40)]
Belongs = Annotated[By, Query(description="按出院科别、诊断或任一 by discharge department, by diagnosis, or either")]
Together = Annotated[Group, Query(description="全部机构合计，或按机构 all institutions together, or each")]
Route = Callable[..., Any]


def _get(path: str, summary: str) -> Callable[[Route], Route]:
    return router.get(
        f"{_PATH}/{path}", summary=summary, response_model=IndicatorAnswer, responses=refusals(403, 404, 422)
    )


@_get("score", "质量评分与排名 Quality score and ranks")
async def quality(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, specialty: Name = "", by: Belongs = "any"
) -> Any:
    """按月、机构：完整性、逻辑性、编码规范和总分，名次为当月所选机构中的名次。
    By month and institution; ranks are those of the month among the institutions chosen."""
    return await shown(parts, seen, who, request, asked, score, specialty, by)


@_get("score/rows", "逐份得分 Points of each front page")
async def rows(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, specialty: Name = "", by: Belongs = "any"
) -> Any:
    """扣分多的在前。Those that lost most first."""
    return await shown(parts, seen, who, request, asked, score_rows, specialty, by)


@_get("score/rules", "扣分规则 What takes points away")
async def rules(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, specialty: Name = "", by: Belongs = "any"
) -> Any:
    """扣分多的规则在前。The rules that cost most first."""
    return await shown(parts, seen, who, request, asked, score_rules, specialty, by)


@_get("specialties/figures", "专科情况 Figures of specialties")
async def figures(
    *, who: Reading, parts: Parts, seen: Seen, request: Request, asked: Asked, specialty: Name = "",
    by: Belongs = "any", group: Together = "all",
) -> Any:  # fmt: skip
    """首页数、平均住院日、次均费用、占比、得分；一份首页可属多个专科。A front page may belong to several."""
    return await shown(parts, seen, who, request, asked, specialty_figures, specialty, by, group)


@router.get(f"{_PATH}/specialties", summary="专科定义 The specialties", responses=refusals(403))
async def known(who: Reading, parts: Parts) -> SpecialtiesAnswer:
    """科别、诊断代码的开头，为数据标准的设置。Beginnings of codes, a setting of the standard."""
    found = specialties(parts.standard).values()
    return SpecialtiesAnswer(
        specialties=[
            SpecialtyOut(
                name=one.name, zh=one.zh, en=one.en, departments=list(one.departments), diagnoses=list(one.diagnoses),
                diseases=list(one.diseases),
            )
            for one in found
        ]
    )  # fmt: skip


@router.get(f"{_PATH}/score/terms", summary="评分办法 How the score is made", responses=refusals(403))
async def score_terms(who: Reading, parts: Parts) -> TermsAnswer:
    """权重、扣分、等级，为数据标准的设置。Weights, points and grades, settings of the standard."""
    known = terms(parts.standard)
    return TermsAnswer(
        parts=[
            TermsPart(name=name, zh=zh, en=en, weight=known.weights[name], kinds=list(known.kinds.get(name, ())))
            for name, (zh, en) in PARTS.items()
        ],
        error=known.error, warning=known.warning, good=known.grades["good"], enough=known.grades["enough"],
    )  # fmt: skip
