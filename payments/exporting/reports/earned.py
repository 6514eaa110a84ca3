"""Revenue by service, by therapist, by location, and what a therapist's pay is counted from."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, number, text
from payments.exporting.reports.earning import (
    DIFFERENCE,
    EXPIRED,
    LATE,
    SESSION,
    Earned,
    earned,
)
from payments.sources import SessionFacts

NO_SESSION = "No session"


def _revenue(of: Callable[[SessionFacts], str], asked: Asked) -> Iterable[Row]:
    """Sessions, late ones and expiry apart; without tax. The last row has no session behind it."""
    units: dict[tuple[bool, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    money: dict[tuple[bool, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in earned(asked):
        key = (one.facts is None, of(one.facts) if one.facts else NO_SESSION, one.currency)
        units[key][one.kind] += one.units
        money[key][one.kind] += one.minor
    for key in sorted(money):
        _, name, currency = key
        counted, found = units[key], money[key]
        yield (
            *(name, currency),
            *(counted[SESSION], found[SESSION], counted[LATE], found[LATE]),
            *(counted[EXPIRED], found[EXPIRED], found[DIFFERENCE], sum(found.values())),
        )


def _by(name: str, of: Callable[[SessionFacts], str]) -> Export:
    return Export(
        f"revenue_by_{name}",
        f"Revenue by {name}",
        (
            text(name),
            CURRENCY,
            number("sessions"),
            amount("session_revenue"),
            number("late_sessions"),
            amount("late_revenue"),
            number("expired_credits"),
            amount("breakage"),
            amount("refund_differences"),
            amount("revenue"),
        ),
        lambda asked: _revenue(of, asked),
    )


BY_SERVICE = _by("service", lambda facts: facts.service)
BY_THERAPIST = _by("therapist", lambda facts: facts.therapist)
BY_LOCATION = _by("location", lambda facts: facts.location)


def _pay(asked: Asked) -> Iterable[Row]:
    """Sessions done, at what their credit was worth: not the package when it was sold (F7)."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in earned(asked):
        if one.kind == SESSION and one.facts:
            sums = found[one.facts.therapist, one.facts.service, one.currency]
            _add(sums, one)
    for key in sorted(found):
        sessions, value, beside = found[key]
        yield (*key, sessions, value, beside, value + beside)


def _add(sums: list[int], one: Earned) -> None:
    sums[0] += one.units
    sums[2 if one.is_top_up else 1] += one.minor


PAY = Export(
    "therapist_pay",
    "Sessions done, by therapist",
    (
        text("therapist"),
        text("service"),
        CURRENCY,
        number("sessions"),
        amount("unit_value"),
        amount("top_ups"),
        amount("base"),
    ),
    _pay,
)
