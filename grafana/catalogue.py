"""All boards, in the order of the indicators."""

from __future__ import annotations

from grafana.declared import (
    association,
    check_report,
    fees,
    mapping,
    multi_source,
    org,
    pipeline,
    uploads,
)
from grafana.model import Board

BOARDS: tuple[Board, ...] = tuple(
    module.BOARD
    for module in (uploads, check_report, association, fees, mapping, multi_source, org, pipeline)
)  # fmt: skip
