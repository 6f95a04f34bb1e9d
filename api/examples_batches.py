"""Example answers of the list of batches."""

from __future__ import annotations

from typing import Any

from api.models import ORG, RECEIPT

EXAMPLES: dict[tuple[str, str], Any] = {
    ("get", "/api/v1/batches"): {
        "total": 1, "limit": 100, "offset": 0, "next_offset": None,
        "batches": [{
            "org": ORG, "table": "TB_MZ_SFMXB", "batch": "20261120-1", "op": "upsert",
            "receipt_id": RECEIPT, "first_day": "2026-11-20", "last_day": "2026-11-20", "received": 500,
            "accepted": 497, "rejected": 3, "flagged": 12, "unreadable": 0, "findings": 15, "declared_empty": False,
            "replay": False, "reasons": [], "arrived_at": "2026-11-21T08:00:00.412+08:00",
            "landed_at": "2026-11-21T08:00:00.655+08:00",
        }],
    },
}  # fmt: skip
