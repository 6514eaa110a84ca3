"""What articles sold, by API: the lines of the report in the admin."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from accounts.api import caller, signed_in
from payments.days import start_of
from payments.invariants import Span
from portal.attribution import article_lines, may_see

router = Router(tags=["staff"], auth=signed_in)


class ArticleLineOut(Schema):
    """One article in one currency; ``is_there`` is false once its page is deleted."""

    page_id: int
    title: str
    path: str
    is_there: bool
    currency: str
    packages: int
    paid_minor: int
    refunded_minor: int
    net_minor: int
    booked: int
    used: int


@router.get("/attribution/", response=list[ArticleLineOut], operation_id="read_attribution")
def read_attribution(
    request: HttpRequest, start: date | None = None, end: date | None = None
) -> Any:
    """What came of each article in the days from ``start`` to the one before ``end``.

    For whoever writes pages, and for bookkeepers.
    """
    if not may_see(caller(request)):
        raise PermissionDenied(_("Only editors and bookkeepers may see this."))
    return article_lines(Span(start_of(start) if start else None, start_of(end) if end else None))
