"""The style guide: every component in each of its states, on one page, for development only.

The samples are plain objects with the fields the components ask for; nothing is queried, so the
page shows what the pages will look like before the pages exist.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages.constants import ERROR, SUCCESS
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

ZONE = "Europe/London"
DAY = date(2026, 12, 2)
LONG_NAME = "Aleksandrina Papadopoulou-Featherstonehaugh de la Fuente"


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time; `url` makes it a link, `hold_url` a form of its own."""

    starts_at: datetime
    therapist_name: str = ""
    url: str = ""
    hold_url: str = ""
    hold_fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Package:
    """What is sold, as `payments.offers` describes it."""

    code: str
    name: str
    units: int
    price_minor: int
    price_each_minor: int
    saving_minor: int
    validity_days: int = 365
    currency: str = "GBP"
    covers: tuple[str, ...] = ("Any treatment up to 60 minutes",)


@dataclass(frozen=True, slots=True)
class LastDay:
    """When what was bought ends, and by which rule."""

    expires_on: date
    books_by: bool = False
    waits: bool = False


LAST_DAY = date(2027, 6, 30)
LAST_DAYS = (LastDay(LAST_DAY), LastDay(LAST_DAY, books_by=True), LastDay(LAST_DAY, waits=True))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a credit statement."""

    at: datetime
    what: str
    change: int
    balance: int
    package: str = ""
    order_number: str = ""
    receipt_url: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """One block of the day board; row and span count quarters of an hour."""

    row: int
    span: int
    state: str
    state_label: str
    time: str
    title: str
    detail: str
    url: str = "#day_board"
    marker: str = ""
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Free time on the board."""

    row: int
    span: int
    label: str
    url: str = "#day_board"


@dataclass(frozen=True, slots=True)
class Column:
    """A therapist's day."""

    name: str
    hours: str
    room: str
    seed: str
    entries: tuple[Appointment, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something a person must look at."""

    code_label: str
    on: date
    amount_minor: int
    theirs: str
    ours: str
    state_label: str
    guess: str = ""
    resolved: bool = False
    currency: str = "GBP"


class SampleForm(forms.Form):
    """A form with every kind of control."""

    name = forms.CharField(label="Name", error_messages={"required": "Enter your name"})
    email = forms.EmailField(
        label="Email",
        help_text="We send the booking here.",
        error_messages={"invalid": "Enter an email address, like name@example.com"},
    )
    mobile = forms.CharField(label="Mobile", required=False, widget=forms.TextInput)
    therapist = forms.ChoiceField(label="Therapist", choices=[("any", "Anyone"), ("imre", "Imre")])
    notes = forms.CharField(
        label="Anything we should know?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    length = forms.ChoiceField(
        label="How long?",
        choices=[("45", "45 minutes"), ("60", "60 minutes")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a length"},
    )
    reminders = forms.BooleanField(
        label="Remind me by text", required=False, help_text="The day before, once."
    )
    code = forms.CharField(label="Code from the mail", required=False)


def _clock(hour: int, minute: int = 0, days: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=UTC) + timedelta(days=days)


def _slots(**more: Any) -> list[Slot]:
    """Nine free times of a day, three in each part."""
    times = [
        (7, 15, "Sana"), (8, 30, "Sana"), (11, 0, "Joss"),
        (12, 0, "Joss"), (13, 15, "Imre"), (15, 45, "Sana"),
        (17, 30, "Imre"), (18, 45, "Imre"), (19, 15, "Joss"),
    ]  # fmt: skip
    return [Slot(_clock(hour, minute), name, **more) for hour, minute, name in times]


def _next(**more: Any) -> list[Slot]:
    return [
        Slot(_clock(17, 30), "Imre", **more),
        Slot(_clock(7, 15, days=14), "Sana", **more),
        Slot(_clock(12, 0, days=14), LONG_NAME, **more),
    ]


def _days() -> list[dict[str, Any]]:
    free = [4, 9, 0, 6, 2, 11, 8, 10, 1, 0]
    return [{"day": DAY + timedelta(days=n - 1), "free": many} for n, many in enumerate(free)]


PACKAGES = (
    Package("single-sports-60", "1 session", 1, 5800, 5800, 0),
    Package("five", "5 sessions", 5, 25900, 5180, 3100),
    Package("ten", "10 sessions", 10, 47900, 4790, 10100),
)


def _board() -> dict[str, Any]:
    """A morning with every state, a short block, a long name and gaps."""
    imre = Column(
        "Imre", "07:00 to 14:00", "room 1", "imre",
        entries=(
            Appointment(2, 4, "done", "Done", "07:15", "R. Ashe", "Deep tissue 60. Credit used"),
            Appointment(8, 3, "arrived", "Arrived", "08:45", "K. Osei", "Race week 45. Paid, card"),
            Appointment(
                13, 4, "due", "To pay £58", "10:00", "M. Lind", "Niggle 60",
                flag="Override: turnaround",
            ),
            Appointment(19, 2, "blocked", "Blocked", "11:30", "Break", "", url=""),
            Appointment(23, 4, "booked", "Booked", "12:30", LONG_NAME, "Deep tissue 60. 1 of 10"),
        ),
        gaps=(Gap(21, 2, "30 min free"),),
    )  # fmt: skip
    sana = Column(
        "Sana", "07:00 to 15:00", "room 2", "sana",
        entries=(
            Appointment(1, 3, "done", "Done", "07:00", "J. Novak", "Race week 45. Credit used"),
            Appointment(5, 4, "no-show", "No-show", "08:00", "P. Diaz", "Deep tissue 60. Kept"),
            Appointment(11, 3, "arrived", "Arrived", "09:30", "A. Reid", "Heavy legs 45. Credit"),
            Appointment(21, 4, "held", "Held to 09:42", "12:00", "Someone", "Niggle 60", url=""),
        ),
        gaps=(Gap(14, 7, "1 h 45 min free"), Gap(25, 8, "2 h free")),
    )  # fmt: skip
    joss = Column(
        "Joss", "09:00 to 15:00", "room 3", "joss",
        entries=(
            Appointment(10, 4, "arrived", "Arrived", "09:15", "S. Khan", "Deep tissue 60. Credit"),
            Appointment(17, 1, "blocked", "Blocked", "11:00", "Call", "", url=""),
            Appointment(18, 3, "booked", "Booked", "11:15", "New client", "Heavy legs 45. Paid"),
        ),
        gaps=(Gap(21, 12, "3 h free"),),
    )  # fmt: skip
    return {
        "label": "Day board, one column for each therapist",
        "quarters": 32,
        "hours": [{"label": f"{7 + n:02}:00", "row": 1 + 4 * n} for n in range(8)],
        "now_row": 11,
        "now_label": "09:32",
        "columns": [imre, sana, joss],
    }


def _forms() -> dict[str, SampleForm]:
    typed = {"wrong-name": "", "wrong-email": "robin@", "wrong-therapist": "imre"}
    wrong = SampleForm(typed, prefix="wrong")
    wrong.is_valid()
    return {"form": SampleForm(), "wrong_form": wrong}


def _staff() -> dict[str, Any]:
    terms = [
        {"label": "Taken", "amount_minor": 641200, "operator": "", "detail": "118 payments"},
        {"label": "Refunded", "amount_minor": 17400, "operator": "-", "detail": "3 refunds"},
        {"label": "Fees", "amount_minor": 11974, "operator": "-", "detail": "Stripe"},
        {"label": "Paid out", "amount_minor": 600226, "operator": "=", "detail": "4 payouts"},
        {"label": "On its way", "amount_minor": 11600, "operator": "+", "detail": "1 payout"},
    ]
    return {
        "board": _board(),
        "agreed": ["cancellation/3", "terms/1"],
        "terms": [term | {"url": "#equation"} for term in terms],
        "mismatches": [
            Mismatch(
                "Payment without an order", DAY, 5800, "Charge £58.00, ch_3Q9", "No order found",
                "Open", guess="K. Osei, 24 Nov, £58.00",
            ),
            Mismatch(
                "Refund without a credit taken back", DAY, 5180, "Refund £51.80",
                "Credit still active: P. Diaz", "Settled", resolved=True,
            ),
        ],
    }  # fmt: skip


def _account() -> dict[str, Any]:
    return {
        "entries": [
            Entry(_clock(9), "Booked Wed 2 Dec, 17:30", -1, 2, package="5 sessions"),
            Entry(_clock(9, days=-12), "Cancelled in time, credit back", 1, 3),
            Entry(
                _clock(9, days=-200), "Bought 5 sessions", 5, 5,
                order_number="MFR-000412", receipt_url="#receipt",
            ),
        ],
        "receipt": {
            "title": "Receipt",
            "number": "R-00412",
            "on": DAY,
            "order": "MFR-000412",
            "seller_name": "Massage for Runners",
            "seller_lines": ["3 Harbour Yard", "Bristol", "VAT number GB 123 4567 89"],
            "buyer_name": LONG_NAME,
            "currency": "GBP",
            "lines": [{"what": "5 sessions, up to 60 minutes", "amount_minor": 25900}],
            "tax_lines": ["Includes £43.17 VAT at 20% on £215.83."],
            "total_minor": 25900,
            "settled": "Paid by card at the desk (slip 4242).",
            "refunds": [
                {"number": "C-00007", "on": DAY, "amount_minor": 5180, "url": "#receipt"}
            ],
        },
        "credit_note": {
            "title": "Credit note",
            "number": "C-00007",
            "on": DAY,
            "order": "MFR-000412",
            "seller_name": "Massage for Runners",
            "seller_lines": ["3 Harbour Yard", "Bristol"],
            "buyer_name": LONG_NAME,
            "currency": "GBP",
            "lines": [{"what": "5 sessions, up to 60 minutes", "amount_minor": 5180}],
            "tax_lines": ["No VAT is charged."],
            "total_minor": 5180,
            "settled": "Paid back by card.",
            "corrects": "R-00412",
            "refunds": [],
        },
    }  # fmt: skip


def _words() -> dict[str, Any]:
    return {
        "columns": [{"label": "Payout"}, {"label": "State"}, {"label": "Sum", "numeric": True}],
        "rows": [
            [{"text": "po_1", "url": "#table"}, {"text": "Paid", "kind": "good"}, "£1,204.10"],
            [{"text": "po_2", "url": "#table"}, {"text": "On its way", "kind": "info"}, "£116.00"],
        ],
        "crumbs": [{"label": "Journal", "url": "#"}, {"label": "Calves", "url": "#"},
                   {"label": "Calf strains and hills"}],
        "questions": [
            {"question": "How soon before a race should I come?",
             "answer": "Two to four days for a light session, seven for deep work."},
            {"question": "Do credits expire?", "answer": "After 12 months. We mail you before."},
        ],
        "how": [
            {"title": "Choose a time.", "text": "You see real gaps, not a request form."},
            {"title": "Tell us who you are.", "text": "Name and email. No password to invent."},
            {"title": "Come as you are.", "text": "Free to move or cancel until 24 hours before."},
        ],
        "facts": [
            {"label": "Start of month", "value": "212 credits"},
            {"label": "Used", "value": "\N{MINUS SIGN}91"},
            {"label": "End of month", "value": "121 credits", "total": True},
        ],
        "choices": [
            {"value": "credit", "label": "Use 1 credit", "detail": "You will have 2 of 5 left",
             "aside": "£0.00", "checked": True},
            {"value": "single", "label": "Pay for this session", "aside": "£58.00"},
            {"value": "ten", "label": "10 sessions", "detail": "Not for this treatment",
             "aside": "£479.00", "disabled": True},
        ],
        "points": ["Load is the usual cause, not weakness.", "Ten days of easy running first."],
        "do": ["Walk downhill", "Keep the cadence up"],
        "dont": ["Stretch into pain", "Race on it"],
    }  # fmt: skip


def _feeds() -> list[dict[str, str]]:
    address = "massageforrunners.example/calendars/Zm9yLXRoZS1zdHlsZS1ndWlkZS1vbmx5LXJ1bi4.ics"
    none_yet = {"whose": "runner", "title": "Your calendar", "shows": "It shows when and where."}
    in_use = none_yet | {"whose": "therapist", "title": "Your work calendar"}
    return [
        none_yet,
        in_use | {"url": f"https://{address}", "subscribe_url": f"webcal://{address}"},
    ]


def styleguide(request: HttpRequest) -> HttpResponse:
    """GET /styleguide/; not there on a production site."""
    if not settings.DEBUG:
        raise Http404
    context: dict[str, Any] = {
        "languages": [
            {"name": "English", "tag": "en-GB", "address": "/", "current": True},
            {"name": "Deutsch", "tag": "de", "address": "/de/", "current": False},
        ],
        "tz": ZONE,
        "day": DAY,
        "moment": _clock(17, 30),
        "earlier": _clock(17, 30, days=-1),
        "days": _days(),
        "slots": _slots(),
        "link_slots": _slots(url="#slot_grid"),
        "next_links": _next(url="#next_times"),
        "next_forms": _next(
            hold_url="#next_times",
            hold_fields={"variant": "sports-60", "slot": "2026-12-02T17:30:00+00:00"},
        ),
        "packages": PACKAGES,
        "last_days": LAST_DAYS,
        "page": Paginator(range(50), 10).page(2),
        "long_name": LONG_NAME,
        "step_words": ["Time", "You", "Confirm"],
        "none_at_all": [],
        "saved": Message(SUCCESS, "Your details are saved."),
        "refused": Message(ERROR, "That time has just gone. These are close."),
        "feeds": _feeds(),
        "spots": ["heavy", "niggle", "race", "strength", "travel", "first", "other"],
    }
    context |= _forms() | _staff() | _account() | _words()
    return render(request, "styleguide/index.html", context)
