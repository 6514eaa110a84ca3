"""Finding a runner, and one runner's page: sessions, credits, orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Prefetch, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.urls import reverse

from accounts.models import User
from payments.days import practice_day, practice_zone
from payments.models import CreditLot, Order, PaymentAttempt
from payments.money import DEFAULT_CURRENCY
from payments.wallets import Wallet, wallet
from portal.staff.movements import LotShown, lots_shown
from portal.staff.orders import ORDER_KIND, order_cell
from portal.staff.sessions import session_cell, state_cell
from portal.staff.tables import Cell, Column, Table, amount, count, moment, several, words
from scheduling.models import Booking
from scheduling.models.bookings import BookingQuerySet

SHOWN = 50
SHORTEST_NUMBER = 4  # figures of a telephone number worth looking for
COLUMNS = (
    Column("Runner"),
    Column("Email"),
    Column("Mobile"),
    Column("Credits left", numeric=True),
    Column("Next session"),
)


@dataclass(frozen=True, slots=True)
class RunnerPage:
    runner: User
    mobile: str
    wallet: Wallet
    lots: tuple[LotShown, ...]
    sessions: Table
    orders: Table


def find_runners(query: str, *, among: "QuerySet[User]") -> list[User]:
    """Those of ``among`` whose name, address, mobile or order number contains `query`.

    At most `SHOWN`, by name, or the newest first when nothing was asked for.
    """
    people = among.filter(is_active=True).select_related("runner_profile")
    if not query:
        return list(people.filter(is_staff=False).order_by("-joined_at")[:SHOWN])
    of_order = Order.objects.filter(number__icontains=query).values("buyer")
    of_address = EmailAddress.objects.filter(email__icontains=query, verified=True).values("user")
    found = Q(name__icontains=query) | Q(email__icontains=query)
    found |= Q(pk__in=of_order) | Q(pk__in=of_address)
    if number := _digits(query):
        mobile = Replace(Replace("runner_profile__mobile", Value(" ")), Value("-"))
        people = people.annotate(number=mobile)
        found |= Q(number__contains=number)
    return list(people.filter(found).order_by("name", "email")[:SHOWN])


def _digits(query: str) -> str:
    """A telephone number as it is stored without spaces; nothing for other words.

    The country's code may be missing on either side, so the nought in front is left out.
    """
    plain = "".join(one for one in query if one not in " -()")
    is_number = plain.removeprefix("+").isdecimal() and len(plain) >= SHORTEST_NUMBER
    return plain.lstrip("+0") if is_number else ""


def runners_table(people: Sequence[User], *, sessions: BookingQuerySet, at: datetime) -> Table:
    """A row a person, with the next of ``sessions``; two queries more than the search itself."""
    left = _credits_left(people, at)
    upcoming = _next_sessions(sessions, people, at)
    rows = [
        (
            words(person, runner_url(person)),
            words(person.email),
            words(mobile_of(person)),
            count(left.get(person.pk, 0)),
            _session(upcoming.get(person.pk)),
        )
        for person in people
    ]
    return Table("Runners", COLUMNS, rows, empty="Nobody of that name, address or order number.")


def runner_url(person: User) -> str:
    return reverse("staff:runner", args=[person.public_id])


def mobile_of(person: User) -> str:
    profile = getattr(person, "runner_profile", None)
    return profile.mobile if profile else ""


def _credits_left(people: Sequence[User], at: datetime) -> dict[int, int]:
    left: dict[int, int] = {}
    today = practice_day(at)
    lots = CreditLot.objects.filter(owner__in=people).usable_on(today, booked_on=today)
    balances = lots.with_balances().values_list("owner_id", "available")  # type: ignore[misc]
    for owner_id, available in balances:
        left[owner_id] = left.get(owner_id, 0) + available
    return left


def _next_sessions(
    sessions: BookingQuerySet, people: Sequence[User], at: datetime
) -> dict[int, Booking]:
    upcoming = sessions.filter(runner__in=people).upcoming(at)
    found: dict[int, Booking] = {}
    for booking in upcoming:
        if booking.runner_id is not None:
            found.setdefault(booking.runner_id, booking)
    return found


def _session(booking: Booking | None) -> Cell:
    if booking is None:
        return words("")
    return session_cell(booking.public_id, {booking.public_id: booking})


def runner_page(
    runner: User,
    *,
    sessions: BookingQuerySet,
    at: datetime,
    opens_orders: bool,
    takes_payments: bool = False,
) -> RunnerPage:
    """One runner's ``sessions``, credits and orders; the queries do not grow with them.

    With `opens_orders` the orders are links: for those who may read or pay back orders. With
    `takes_payments` the state of an open one leads to where its money is taken.
    """
    return RunnerPage(
        runner=runner,
        mobile=mobile_of(runner),
        wallet=wallet(runner, on=practice_day(at)),
        lots=lots_shown(CreditLot.objects.of(runner)),
        sessions=_sessions(sessions, runner),
        orders=_orders(runner, opens_orders, takes_payments),
    )


def _sessions(sessions: BookingQuerySet, runner: User) -> Table:
    columns = (
        Column("When"),
        Column("Treatment"),
        Column("Therapist"),
        Column("Where"),
        Column("State"),
    )
    bookings = sessions.of(runner).exclude(state=Booking.State.EXPIRED).with_everything()
    rows = [
        (
            session_cell(booking.public_id, {booking.public_id: booking}),
            words(booking.variant.name),
            words(booking.therapist.name),
            words(f"{booking.location.name}, {booking.room.name}"),
            state_cell(booking.state),
        )
        for booking in bookings.order_by("-starts_at")
    ]
    return Table("Sessions, newest first", columns, rows, empty="No session booked yet.")


def _orders(runner: User, opens_orders: bool, takes_payments: bool) -> Table:
    columns = (
        Column("Order"),
        Column("Placed"),
        Column("What"),
        Column("Total", numeric=True),
        Column("State"),
        Column("Paid by"),
    )
    paid = Prefetch("attempts", PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PAID))
    orders = Order.objects.of(runner).prefetch_related("lines", paid)
    rows = [
        (
            order_cell(order) if opens_orders else words(order.number),
            moment(order.placed_at, practice_zone()),
            several([words(line.name) for line in order.lines.all()]),
            amount(order.total_minor, order.currency),
            words(
                order.get_status_display(),
                _payment_url(order) if takes_payments else "",
                ORDER_KIND[Order.Status(order.status)],
            ),
            several([words(attempt.get_method_display()) for attempt in order.attempts.all()]),
        )
        for order in orders
    ]
    return Table(
        "Orders, newest first",
        columns,
        rows,
        empty="Nothing bought yet.",
        currency=DEFAULT_CURRENCY,
    )


def _payment_url(order: Order) -> str:
    if order.status != Order.Status.OPEN:
        return ""
    return reverse("staff:order_payment", args=[order.public_id])
