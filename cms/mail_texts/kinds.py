"""Which mails the practice may reword, and what their words may name.

The facts of a mail (when, where, links, amounts) are no words: they stand in it whatever is written
around them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, Final

Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """A word in braces, and what it becomes."""

    name: str
    meaning: str
    read: Callable[[Context], object]


@dataclass(frozen=True, slots=True)
class MailKind:
    """``sample`` is what the templates get for a preview, as a real mail would fill it."""

    kind: str
    title: str
    what_for: str
    subject: str  # of the standard words, as people see it
    variables: tuple[Variable, ...]
    sample: Context

    @property
    def examples(self) -> list[tuple[str, str, str]]:
        """Each variable as it is typed, what it means, and what it becomes in the preview."""
        return [
            (f"{{{each.name}}}", each.meaning, str(each.read(self.sample) or ""))
            for each in self.variables
        ]


def _of(name: str, meaning: str, key: str = "") -> Variable:
    return Variable(name, meaning, lambda context: context.get(key or name, ""))


_FIRST_NAME = _of("first_name", "What we call the runner; nothing when they told no name")
_SESSION = (
    _FIRST_NAME,
    _of("session", "The treatment and its length"),
    _of("therapist", "The therapist's name"),
    _of("therapist_first", "The therapist's first name"),
    _of("day", "The day, in words"),
    _of("time", "When it starts"),
    _of("location", "Where it is"),
)
_SESSION_SAMPLE: Final[Context] = {
    "first_name": "Ana",
    "session": "Deep tissue, 60 minutes",
    "therapist": "Imre Toth",
    "therapist_first": "Imre",
    "day": "Wednesday 2 December",
    "short_day": "Wed 2 Dec",
    "time": "17:30",
    "zone": "London time",
    "location": "Quayside",
    "address_lines": ["1 Quay Street", "Bristol"],
    "directions": "The door is beside the bakery.",
    "credits_left": 3,
    "policy_line": "Free to move or cancel until Tue 1 Dec, 17:30. After that the credit is used.",
    "grace_line": "",
    "credit_line": "One credit of 5 sessions is set aside for it.",
    "terms_urls": [],
    "booking_url": "#",
    "move_url": "#",
    "cancel_url": "#",
    "again_url": "#",
}
_PAPER = SimpleNamespace(
    title="Receipt",
    number="R-2026-0042",
    on=date(2026, 12, 2),
    order="MFR-000123",
    corrects="",
    buyer_name="Ana Ortiz",
    lines=[SimpleNamespace(what="5 sessions", amount_minor=26000)],
    total_minor=26000,
    currency="GBP",
    tax_lines=["No VAT is charged."],
    settled="Paid by card.",
    seller_name="Massage for Runners",
    seller_lines=["1 Quay Street", "Bristol"],
)

_ALL: Final = (
    MailKind(
        "booking_confirmed",
        "Booked",
        "Goes out when a session is booked, with the calendar file and the links to change it.",
        "Booked: Wed 2 Dec, 17:30 with Imre",
        _SESSION,
        _SESSION_SAMPLE,
    ),
    MailKind(
        "booking_moved",
        "Moved",
        "Goes out when a session has a new time, whoever moved it.",
        "Moved: Wed 2 Dec, 17:30 with Imre",
        _SESSION,
        _SESSION_SAMPLE,
    ),
    MailKind(
        "booking_cancelled",
        "Cancelled",
        "Goes out when a session is cancelled, and says what became of its credit.",
        "Cancelled: Wed 2 Dec, 17:30 with Imre",
        _SESSION,
        _SESSION_SAMPLE,
    ),
    MailKind(
        "reminder",
        "Reminder",
        "Goes out a day before the session.",
        "Tomorrow 17:30 with Imre",
        _SESSION,
        _SESSION_SAMPLE,
    ),
    MailKind(
        "time_opened",
        "A time opened up",
        "Offers somebody on the waiting list a time that is held for them.",
        "A time opened up: Wed 2 Dec, 17:30 with Imre",
        (*_SESSION, _of("held_until", "How long the time is held for them")),
        {**_SESSION_SAMPLE, "held_until": "16:10", "has_credit": True, "offer_url": "#"},
    ),
    MailKind(
        "credits_left",
        "Sessions end or run out",
        "Goes out 30 and 7 days before sessions end, and when one or none is left. Nobody gets "
        "it who turned it off.",
        "2 sessions to use by 2 December",
        (
            _FIRST_NAME,
            Variable("package", "The package", lambda context: context["lot"].name),
            Variable("left", "How many are free to book", lambda context: context["lot"].available),
            _of("day", "Its last day, in words"),
        ),
        {
            "first_name": "Ana",
            "kind": "week",
            "lot": SimpleNamespace(name="5 sessions", available=2, books_by=False),
            "day": "Wednesday 2 December",
        },
    ),
    MailKind(
        "receipt",
        "Receipt",
        "Goes out when something is paid, with what the law wants on it.",
        "Receipt R-2026-0042",
        (
            Variable("number", "The receipt's number", lambda context: context["paper"].number),
            Variable("order", "The order's number", lambda context: context["paper"].order),
            Variable("name", "Who bought it", lambda context: context["paper"].buyer_name),
        ),
        {"paper": _PAPER, "paper_url": "#"},
    ),
    MailKind(
        "refunded",
        "Paid back",
        "Goes out when a refund is on its way.",
        "£52.00 paid back",
        (
            _of("amount", "How much is paid back"),
            _of("number", "The order's number"),
            _of("name", "Who bought it"),
        ),
        {
            "amount": "£52.00",
            "number": "MFR-000123",
            "name": "Ana Ortiz",
            "how": "It goes to the card you paid with. Banks take up to ten days.",
            "units": 1,
            "credits": "1 credit",
            "order_path": "#",
        },
    ),
)
KINDS: Final[Mapping[str, MailKind]] = {each.kind: each for each in _ALL}
