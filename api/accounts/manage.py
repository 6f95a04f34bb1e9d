"""Who may make, approve and change whom: 属地化管理, each region and institution looks after its own.

Pure: the regions of the two are given. ``region`` is where the target's institution lies, empty when that is not known.
"""

from __future__ import annotations

import re

from api.accounts.principal import Assignment
from api.accounts.region import covers, is_region
from api.accounts.rights import ROLES
from api.errors import ApiError

_ORG = re.compile(r"[0-9A-Za-z]{22}")


def check(wanted: Assignment) -> None:
    """Raises ApiError bad_assignment when role, institution and region do not fit together."""
    if wanted.role not in ROLES:
        raise ApiError("bad_assignment", more={"reason": "role"})
    needs_org, needs_scope = wanted.role == "hospital", wanted.role in ("regulator", "operator")
    if (needs_org or (wanted.role == "tester" and wanted.org)) and not _ORG.fullmatch(wanted.org):
        raise ApiError("bad_assignment", more={"reason": "org"})
    if not needs_org and wanted.role != "tester" and wanted.org:
        raise ApiError("bad_assignment", more={"reason": "org"})
    if (needs_scope and not is_region(wanted.scope)) or (not needs_scope and wanted.scope):
        raise ApiError("bad_assignment", more={"reason": "scope"})
    if wanted.role == "tester" and wanted.manages:
        raise ApiError("bad_assignment", more={"reason": "manages"})


def may_manage(who: Assignment, target: Assignment, region: str) -> bool:
    """Whether ``who`` may make somebody a ``target``, or approve, change and disable one.

    - An admin may everything; nobody else makes an admin or gives the right to personal data.
    - An institution's administrator: colleagues of the same institution, who are not administrators themselves.
    - A region's administrator: institutions' people in the region, administrators too; testers of one of its
      institutions; operators of the region or a part of it; a regulator also regulators. Administrators of a region
      are only made by one of a larger region.
    """
    if who.role == "admin":
        return True
    if not who.manages or target.role == "admin" or target.personal:
        return False
    if who.role == "hospital":
        return target.role == "hospital" and target.org == who.org and not target.manages
    if who.role not in ("operator", "regulator"):
        return False
    if target.role in ("hospital", "tester"):
        return bool(target.org) and covers(who.scope, region)
    if target.role == "regulator" and who.role != "regulator":
        return False
    return covers(who.scope, target.scope) and (not target.manages or target.scope != who.scope)
