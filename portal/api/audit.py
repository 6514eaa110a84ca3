"""The audit trail and the rules that must always hold, by API."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import signed_in
from accounts.roles import READ_AUDIT, RECONCILE
from portal.api.desk import require
from portal.api.proof import BreachOut
from portal.invariants import RULES
from portal.invariants.proving import prove
from portal.models import InvariantRun
from portal.staff.audit import audit_asked, entries_found

router = Router(tags=["staff"], auth=signed_in)
MOST = 100


class AuditEntryOut(Schema):
    """People by their public ids; ``by`` is null for the portal itself."""

    id: int
    at: AwareDatetime
    action: str
    by: UUID | None
    about: str
    key: str
    runner: UUID | None
    before: dict[str, Any]
    after: dict[str, Any]
    why: str
    origin: str


class PromiseOut(Schema):
    """A rule; ``holds`` is null before it was first asked."""

    code: str
    title: str
    rule: str
    holds: bool | None
    rows: list[BreachOut]


class PromisesOut(Schema):
    """The last proof; ``at`` is null before the first."""

    at: AwareDatetime | None
    holds: bool | None
    took_ms: int
    rules: list[PromiseOut]


@router.get("/audit/", response=list[AuditEntryOut], operation_id="list_audit")
def list_audit(
    request: HttpRequest,
    person: str = "",
    action: str = "",
    about: str = "",
    key: str = "",
    start: date | None = None,
    end: date | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Any:
    """The latest first. ``person`` is a name, an address or a public id; ``action`` how it begins.

    Days are the practice's, both included. ``before`` is the id of the last entry of the page
    before. ``limit`` is at most 100.
    """
    require(request, READ_AUDIT)
    given = {"person": person, "action": action, "about": about, "key": key}
    days = {"from": start.isoformat() if start else "", "to": end.isoformat() if end else ""}
    found = entries_found(audit_asked(given | days)).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[: min(max(limit, 1), MOST)])


@router.get("/invariants/", response=PromisesOut, operation_id="read_invariants")
def read_invariants(request: HttpRequest) -> Any:
    """I01 to I25, and what the last proof said of each."""
    require(request, READ_AUDIT, RECONCILE)
    return _shown(InvariantRun.objects.first())


@router.post("/invariants/proof/", response=PromisesOut, operation_id="prove_invariants")
def prove_now(request: HttpRequest) -> Any:
    """Ask all of them now."""
    require(request, READ_AUDIT, RECONCILE)
    return _shown(prove(at=timezone.now()))


def _shown(run: InvariantRun | None) -> dict[str, Any]:
    return {
        "at": run.at if run else None,
        "holds": run.holds if run else None,
        "took_ms": run.took_ms if run else 0,
        "rules": [
            {
                "code": rule.code,
                "title": rule.title,
                "rule": rule.rule,
                "holds": not found["count"] if found else None,
                "rows": found["rows"] if found else [],
            }
            for rule, found in ((one, run.verdict_of(one.code) if run else None) for one in RULES)
        ],
    }
