"""The bank's statement by API: import a file, match its lines to payouts. Bookkeepers only."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from accounts.api import caller, signed_in
from payments import banking
from payments.bank_statements import MOST_BYTES as LARGEST
from payments.bank_statements import Columns, StatementError
from payments.models import BankLine, Payout
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)
Header = Annotated[str, Field(max_length=100)]
STATES = {
    "open": lambda: BankLine.objects.unmatched(),
    "matched": lambda: BankLine.objects.exclude(payout=None),
    "aside": lambda: BankLine.objects.exclude(set_aside_because=""),
}


class ColumnsIn(Schema):
    """Which header of a CSV says what; all empty: we look ourselves."""

    day: Header = ""
    amount: Header = ""
    paid_in: Header = ""
    paid_out: Header = ""
    text: Header = ""
    reference: Header = ""
    currency: Header = ""
    account: Header = ""
    month_first: bool = False


class StatementImportOut(Schema):
    """``known`` are lines that an earlier file had brought."""

    id: int
    format: str
    file_name: str
    new: int
    known: int


class BankLineOut(Schema):
    """Money in is positive. ``payouts`` are those it may be; ``sure`` when only one can."""

    id: int
    booked_on: date
    amount_minor: int
    currency: str
    text: str
    reference: str
    account: str
    payout: str | None
    set_aside_because: str
    payouts: list[str]
    sure: bool


class MatchIn(Schema):
    payout: Annotated[str, Field(max_length=120)]


class MatchedOut(Schema):
    matched: int


class AsideIn(Schema):
    """An empty reason takes the line back."""

    because: Annotated[str, Field(max_length=200)] = ""


class ArrivalIn(Schema):
    on: date


@router.post("/bank/imports/", response={201: StatementImportOut}, operation_id="import_statement")
def import_file(request: HttpRequest, file: File[UploadedFile], columns: Form[ColumnsIn]) -> Any:
    """Keep the lines of a CSV, OFX or CAMT.053 file that are new. Twice the same is harmless."""
    require_bookkeeper(request)
    if (file.size or 0) > LARGEST:
        raise StatementError("This file is too large. Export a shorter time, up to 5 MB.")
    told = Columns(**columns.dict())
    done = banking.import_statement(
        content=file.read(),
        file_name=file.name or "",
        by=caller(request),
        at=timezone.now(),
        columns=told if told != Columns() else None,
    )
    kept = done.bank_import
    return Status(
        201,
        {
            "id": kept.pk,
            "format": kept.format,
            "file_name": kept.file_name,
            "new": done.new,
            "known": done.known,
        },
    )


@router.get("/bank/lines/", response=list[BankLineOut], operation_id="list_bank_lines")
def list_bank_lines(
    request: HttpRequest,
    state: Annotated[str, Query(pattern="^(open|matched|aside)$")] = "open",
    before: int | None = None,
    limit: int = 50,
) -> Any:
    """Those still open with what they may be, or the matched ones, or those set aside."""
    require_bookkeeper(request)
    found = STATES[state]().order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    lines = list(found[: min(max(limit, 1), 100)])
    if state != "open":
        return [_shown(banking.Suggestion(line, (), is_sure=False)) for line in lines]
    return [_shown(one) for one in banking.suggestions(lines)]


@router.post("/bank/lines/{line_id}/match/", response=BankLineOut, operation_id="match_line")
def match_line(request: HttpRequest, line_id: int, wanted: MatchIn) -> Any:
    """Say that a line is this payout; the books move it from its way into the bank, once."""
    require_bookkeeper(request)
    line = banking.match(
        line=get_object_or_404(BankLine, pk=line_id),
        payout=get_object_or_404(Payout, pk=wanted.payout),
        by=caller(request),
        at=timezone.now(),
    )
    return _alone(line)


@router.post("/bank/matches/", response=MatchedOut, operation_id="match_sure_lines")
def match_sure(request: HttpRequest) -> Any:
    """Match every line that only one payout can be."""
    require_bookkeeper(request)
    return {"matched": banking.match_sure_ones(by=caller(request), at=timezone.now())}


@router.delete("/bank/lines/{line_id}/match/", response=BankLineOut, operation_id="unmatch_line")
def unmatch_line(request: HttpRequest, line_id: int) -> Any:
    """It was another payment after all; the books are turned round."""
    require_bookkeeper(request)
    line = get_object_or_404(BankLine, pk=line_id)
    return _alone(banking.unmatch(line=line, by=caller(request), at=timezone.now()))


@router.post("/bank/lines/{line_id}/aside/", response=BankLineOut, operation_id="set_line_aside")
def aside(request: HttpRequest, line_id: int, wanted: AsideIn) -> Any:
    """The line is none of Stripe's, and nobody need look again; without a reason it is back."""
    require_bookkeeper(request)
    line = get_object_or_404(BankLine, pk=line_id)
    if line.set_aside_because and not wanted.because:
        return _alone(banking.take_back(line=line))
    return _alone(banking.set_aside(line=line, because=wanted.because))


@router.post(
    "/payouts/{payout_id}/arrival/", response=BankLineOut, operation_id="mark_payout_arrived"
)
def arrival(request: HttpRequest, payout_id: str, wanted: ArrivalIn) -> Any:
    """Somebody saw the payout in the bank without a file."""
    require_bookkeeper(request)
    payout = get_object_or_404(Payout, pk=payout_id)
    line = banking.mark_arrived(payout=payout, on=wanted.on, by=caller(request), at=timezone.now())
    return _alone(line)


def _alone(line: BankLine) -> dict[str, Any]:
    return _shown(banking.Suggestion(line, (), is_sure=False))


def _shown(one: banking.Suggestion) -> dict[str, Any]:
    line = one.line
    names = "booked_on amount_minor currency text reference account set_aside_because".split()
    return {
        "id": line.pk,
        **{name: getattr(line, name) for name in names},
        "payout": line.payout_id,
        "payouts": [payout.pk for payout in one.payouts],
        "sure": one.is_sure,
    }
