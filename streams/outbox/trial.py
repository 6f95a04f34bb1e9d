"""The message with which a channel is tried out. Pure."""

from __future__ import annotations

from datetime import datetime

import orjson

from streams.cases.notice import moment_text
from streams.outbox.delivery import id_from


def trial(now: datetime) -> str:
    """A notice of kind ``test`` as JSON; each has an id of its own."""
    return orjson.dumps(
        {
            "id": f"test-{id_from(now)}", "kind": "test", "org": "", "org_name": "", "table": "", "batch": "",
            "biz_date": None, "severity": "info", "raised_at": moment_text(now), "case": None, "counts": {},
            "rules": [], "examples": [], "unreadable": None, "measure": None,
            "zh": "三监的测试消息，收到即表示该渠道可用", "en": "A test message of Sanjian: this channel works",
            "fix_zh": "", "fix_en": "", "details": {}, "link": "",
        }
    ).decode()  # fmt: skip
