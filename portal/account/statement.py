"""The statement of a runner's credits: on the screen, on paper and as a file, the same rows."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from payments.days import practice_day, practice_zone
from payments.models import Order
from payments.statements import Statement, StatementLine, months_of, statement
from payments.wallets import Wallet, WalletLot, wallet
from portal.account.who import signed_in_runner
from portal.staff.downloads import csv_file
from portal.staff.tables import Cell, Column, Table, count, day, moment, several, words
from portal.templatetags.portal_ui import signed

PAGE = 100
FIRST_YEAR, LAST_YEAR = 2000, 2099
NONE = Cell("", plain="")
COLUMNS = (
    Column("When", whole=True),
    Column("What"),
    Column("Package"),
    Column("Why"),
    Column("Who"),
    Column("Change", numeric=True),
    Column("Left", numeric=True),
    Column("More", whole=True),
)
LOT_COLUMNS = (
    Column("Package"),
    Column("Credits", numeric=True),
    Column("Free", numeric=True),
    Column("Booked", numeric=True),
    Column("Used", numeric=True),
    Column("Expired", numeric=True),
    Column("Refunded", numeric=True),
    Column("Passed on", numeric=True),
    Column("Last day"),
)


@require_safe
@never_cache
@login_required
def credits(request: HttpRequest) -> HttpResponse:
    """A month of movements, or all of them, the newest first; above it what each package holds."""
    runner, at = signed_in_runner(request), timezone.now()
    month = month_asked(request)
    shown = statement(runner, month=month)
    page = Paginator(shown.lines, PAGE).get_page(request.GET.get("page"))
    own = wallet(runner, on=practice_day(at))
    context = {
        "runner": runner,
        "statement": shown,
        "page": page,
        "table": statement_table(shown, list(page.object_list), _receipts(runner, shown)),
        "wallet": own,
        "lots": lots_table(own),
        "months": months_of(runner, at=at),
        "period": period_words(month),
        "month_code": f"{month:%Y-%m}" if month else "",
        "at": at,
        "zone": practice_zone().key,
    }
    return render(request, "portal/account/credits.html", context)


@require_safe
@never_cache
@login_required
def credits_csv(request: HttpRequest) -> HttpResponse:
    """The same rows for a spreadsheet, all pages of them."""
    runner, month = signed_in_runner(request), month_asked(request)
    shown = statement(runner, month=month)
    name = f"credits-{month:%Y-%m}" if month else "credits"
    return csv_file(statement_table(shown, shown.lines, _receipts(runner, shown)), name)


def month_asked(request: HttpRequest) -> date | None:
    """The month of the address, as its first day; anything else is no wish: all of them."""
    try:
        month = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None
    return month if FIRST_YEAR <= month.year <= LAST_YEAR else None


def period_words(month: date | None) -> str:
    return f"{month:%B %Y}" if month else "All movements"


def statement_table(
    shown: Statement, lines: Sequence[StatementLine], receipts: dict[str, str]
) -> Table:
    """What was there after, the movements with the balance after each, what was there before."""
    rows = [_row(line, receipts) for line in lines]
    if not shown.lines and not shown.opening:
        rows = []
    elif tuple(lines[:1]) == shown.lines[:1]:
        rows = [_balance("Closing balance", shown.closing), *rows]
    if rows and tuple(lines[-1:]) == shown.lines[-1:]:
        rows = [*rows, _balance("Opening balance", shown.opening)]
    return Table(
        f"{period_words(shown.month)}, newest first",
        COLUMNS,
        rows,
        empty="No credit moved.",
    )


def _row(line: StatementLine, receipts: dict[str, str]) -> tuple[Cell, ...]:
    return (
        moment(line.at, practice_zone()),
        words(line.what),
        words(line.package),
        words(line.reason) if line.reason else NONE,
        words(line.who or "Automatic"),
        Cell(signed(line.change), plain=str(line.change)),
        count(line.balance),
        _more(line, receipts),
    )


def _balance(what: str, credits: int) -> tuple[Cell, ...]:
    return (words(what), *[NONE] * 5, count(credits), NONE)


def _more(line: StatementLine, receipts: dict[str, str]) -> Cell:
    if line.booking_id is not None:
        url = reverse("scheduling:booked", args=[line.booking_id])
        return Cell("Session", url, plain=str(line.booking_id))
    if not line.order_number:
        return NONE
    return words(line.order_number, receipts.get(line.order_number, ""))


def _receipts(runner: User, shown: Statement) -> dict[str, str]:
    """Where the receipts of the orders are that she paid herself; one query if there are any."""
    numbers = {line.order_number for line in shown.lines if line.order_number}
    if not numbers:
        return {}
    own = Order.objects.of(runner).filter(number__in=numbers)
    return {order.number: order.get_absolute_url() for order in own}


def lots_table(own: Wallet) -> Table:
    """Each package with where its credits are: the parts of a row add up to its credits."""
    rows = [
        (
            words(lot.name),
            *(count(getattr(lot, name)) for name in ("units", "available", "reserved", "used")),
            *(count(getattr(lot, name)) for name in ("expired", "refunded", "transferred")),
            last_day_cell(lot),
        )
        for lot in own.lots
    ]
    return Table("Your packages, the first to end in front", LOT_COLUMNS, rows)


def last_day_cell(lot: WalletLot) -> Cell:
    """The last day with the rule it follows (P4, P5), and why nothing can be booked, if so."""
    cell = day(lot.expires_on)
    if lot.frozen_for:
        return several([cell, words(lot.why_frozen)])
    if lot.waits:
        return Cell(f"Begin by {cell.text}, then its time counts", plain=cell.plain)
    return Cell(f"{'Book' if lot.books_by else 'Use'} by {cell.text}", plain=cell.plain)
