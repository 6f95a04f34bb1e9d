"""Example answers of the endpoints for people, machines and the audit log; None for an answer without content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.models import ORG

_AT = "2026-11-21T08:00:00.412+08:00"
_HOSPITAL = {"role": "hospital", "org": ORG, "scope": "", "manages": True, "personal": False}
_USER = {
    "name": "li.na", "full_name": "李娜", **_HOSPITAL, "active": True, "must_change": False, "created_at": _AT,
    "created_by": "admin:admin", "login_at": _AT,
}  # fmt: skip
_ME = {
    "name": "li.na", "full_name": "李娜", "kind": "user", **_HOSPITAL, "must_change": False,
    "rights": ["me", "findings.read", "alerts.read"], "csrf_token": "7c9e…",
}  # fmt: skip
_PASSWORD = {"name": "li.na", "password": "abcd-efgh-jkmn-pqrs"}
_SECRET = {"client_id": "sjc_0f3a9b5c7d1e2f40", "client_secret": "sjs_…"}
_CLIENT = {
    **_HOSPITAL, "manages": False, "client_id": _SECRET["client_id"], "label": "HIS 接口", "allow": "10.1.2.0/24",
    "created_at": _AT, "created_by": "admin:admin", "used_at": _AT,
}  # fmt: skip
_REGISTRATION = {
    **_HOSPITAL, "manages": False, "id": "5d41402abc4b2a76b9719d911017c592", "name": "wang.fang", "full_name": "王芳",
    "contact": "0531-…", "note": "信息科", "created_at": _AT, "name_taken": False,
}  # fmt: skip
_ENTRY = {
    "at": _AT, "id": "0b1e2f40-5c7d-4a9b-8f3a-9d911017c592", "actor": "admin:admin", "action": "user.add",
    "target": "li.na", "detail": {"role": "hospital", "org": ORG}, "address": "10.1.2.3",
}  # fmt: skip

EXAMPLES: Mapping[tuple[str, str], Any] = {
    ("post", "/api/v1/session"): _ME,
    ("delete", "/api/v1/session"): None,
    ("get", "/api/v1/me"): _ME,
    ("post", "/api/v1/me/password"): _ME,
    ("delete", "/api/v1/me/sessions"): {"sessions": 2},
    ("post", "/api/v1/oauth/token"): {"access_token": "sj_…", "token_type": "Bearer", "expires_in": 3600},
    ("post", "/api/v1/oauth/revoke"): {},
    ("get", "/api/v1/users"): {"users": [_USER]},
    ("post", "/api/v1/users"): _PASSWORD,
    ("get", "/api/v1/users/{name}"): _USER,
    ("put", "/api/v1/users/{name}"): _USER,
    ("post", "/api/v1/users/{name}/reset-password"): _PASSWORD,
    ("post", "/api/v1/users/{name}/unlock"): None,
    ("delete", "/api/v1/users/{name}/sessions"): {"sessions": 2},
    ("post", "/api/v1/registrations"): {"id": _REGISTRATION["id"]},
    ("get", "/api/v1/registrations"): {"registrations": [_REGISTRATION]},
    ("post", "/api/v1/registrations/{ident}/approve"): _USER,
    ("post", "/api/v1/registrations/{ident}/refuse"): None,
    ("get", "/api/v1/clients"): {"clients": [_CLIENT]},
    ("post", "/api/v1/clients"): _SECRET,
    ("put", "/api/v1/clients/{client_id}"): _CLIENT,
    ("post", "/api/v1/clients/{client_id}/rotate"): _SECRET,
    ("delete", "/api/v1/clients/{client_id}"): None,
    ("get", "/api/v1/audit-log"): {"total": 1, "limit": 100, "offset": 0, "entries": [_ENTRY]},
}  # fmt: skip
