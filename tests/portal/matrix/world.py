"""One practice with one of everything that an address can name, and a person for each role.

What belongs to somebody is here twice: the runner's own with the therapist, and strangers'.
"""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale, Site

from accounts import roles
from accounts.merging import merge_people
from accounts.models import Race, User
from accounts.noting import write_note
from cms.models import BasePage
from cms.webhooks.models import WebhookDelivery, WebhookEndpoint
from payments.adjusting_by_hand import correct
from payments.chart import Role
from payments.documents import issue_receipt
from payments.models import (
    AdjustmentProposal,
    BalanceTransaction,
    BankLine,
    Charge,
    Dispute,
    Document,
    Gift,
    JournalEntry,
    Mismatch,
    PaymentAttempt,
    Payout,
    Period,
    Refund,
    StripeEvent,
)
from payments.second_person import ALONE_MINOR
from scheduling.models import BusyCalendar, CalendarFeed, Series, TimeOff, WaitlistEntry
from tests.builders import (
    make_order,
    make_package,
    make_runner,
    make_staff,
    pay_at_the_desk,
)
from tests.scheduling.builders import Practice, book, hold, make_credits, make_practice
from tests.second_factor import show_factor

NOW = timezone.now()
AN_HOUR = timedelta(hours=1)
LONG_AGO, VERY_LONG_AGO = date(2000, 1, 1), datetime(2000, 1, 2, tzinfo=UTC)
_next = itertools.count(1)

ROLES = {
    "anonymous": (),
    "runner": (),
    "editor": ("Editors",),
    "moderator": ("Moderators",),
    "desk": (roles.FRONT_DESK,),
    "therapist": (roles.THERAPISTS,),
    "bookkeeper": (roles.BOOKKEEPERS,),
    "manager": (roles.MANAGERS,),
    "owner": (roles.OWNERS,),
}
NOBODY = uuid.UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class World:
    clients: dict[str, Client]
    own: dict[str, Any]  # the runner's, with the therapist
    others: dict[str, Any]  # strangers', of the same kinds
    cookies: dict[str, str]
    broken: list[str] = field(default_factory=list)  # what answered with a 5xx
    unread: list[str] = field(default_factory=list)  # what did not understand the question


def make_world() -> World:
    practice = make_practice()
    package = make_package("five", variants=[practice.sports_60, practice.sports_30])
    people = {name: _person(name, groups) for name, groups in ROLES.items() if name != "anonymous"}
    practice.imre.user = people["therapist"]
    practice.imre.save()
    practice.lena.user = _person("another", (roles.THERAPISTS,))
    practice.lena.save()
    shared = _shared(practice, make_order(make_runner(), at=NOW))
    shared |= _words(practice, package)
    own = _things(practice, people["runner"], practice.imre, people["manager"], hour=9)
    others = _things(practice, make_runner(), practice.lena, people["manager"], hour=9)
    clients = {name: _signed_in(people.get(name)) for name in ROLES}
    return World(
        clients=clients,
        cookies={name: one.cookies.output(header="", sep=";") for name, one in clients.items()},
        own=shared | own,
        others=shared | others,
    )


def _person(name: str, groups: tuple[str, ...]) -> User:
    if not groups:
        return make_runner(f"{name}@example.org")
    person = make_staff(f"{name}@example.org", name=name.title())
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def _signed_in(person: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
        show_factor(client, person)  # just now: nobody is sent to sign in once more
    return client


def _things(practice: Practice, runner: User, therapist: Any, by: User, hour: int) -> dict:
    """What belongs to one runner and one therapist."""
    start = (NOW + timedelta(days=8)).replace(hour=hour, minute=0, second=0, microsecond=0)
    start += timedelta(days=(8 - start.isoweekday()) % 7)  # a Monday: they work on weekdays
    merge = merge_people(kept=runner, absorbed=make_runner(), why="Asked", by=by, at=NOW)
    lot = make_credits(runner, practice=practice, at=NOW - timedelta(days=1))
    booking = book(practice, runner, start, at=NOW, therapist=therapist)
    held = hold(practice, start + timedelta(hours=3), at=NOW, therapist=therapist, runner=runner)
    order = make_order(runner, at=NOW)
    note = write_note(client=runner, text="Mornings", audience="team", by=by, at=NOW)
    gift_order = make_order(runner, at=NOW)
    fill(Gift, order=gift_order)
    return {
        "runner": runner.public_id,
        "booking": booking.public_id,
        "hold": held.public_id,
        "lot": lot.public_id,
        "order": order.public_id,
        "note": note.public_id,
        "merge": merge.public_id,
        "gift_order": gift_order.public_id,
        "race": fill(Race, runner=runner, distance_m=5000).public_id,
        "series": fill(Series, runner=runner, every_weeks=1, further=1).public_id,
        "entry": fill(
            WaitlistEntry,
            runner=runner,
            location=practice.location,
            first_on=date(2030, 1, 1),
            last_on=date(2030, 1, 2),
        ).public_id,
        "calendar": fill(BusyCalendar, therapist=therapist, url="https://example.org/a.ics").pk,
        "feed": fill(CalendarFeed, runner=runner, token=uuid.uuid4().hex, therapist=None).token,
    }


def _receipt() -> Document:
    order = make_order(make_runner(), at=NOW)
    pay_at_the_desk(order, at=NOW)
    return issue_receipt(order=order, at=NOW)


def _proposal() -> AdjustmentProposal:
    """What one person proposed by hand and another may agree to."""
    proposed = correct(
        key="proposed",
        debit=Role.BANK,
        credit=Role.CASH_DRAWER,
        amount_minor=ALONE_MINOR + 1,
        currency="GBP",
        effective_at=NOW,
        by=_person("proposer", (roles.BOOKKEEPERS,)),
        at=NOW,
        reason="Counted twice",
    )
    assert isinstance(proposed, AdjustmentProposal)
    return proposed


def _words(practice: Practice, package: Any) -> dict[str, Any]:
    """What bodies and addresses call by a code, or by the name of a field."""
    start = datetime.combine(NOW.date() + timedelta(days=14), time(10), UTC)
    return {
        "package": package.code,
        "variant": practice.sports_60.code,
        "variants": practice.sports_60.code,
        "location": practice.location.code,
        "therapist": practice.imre.code,
        "starts_at": start.isoformat(),
        "ends_at": (start + AN_HOUR).isoformat(),
        "email": "runner@example.org",
        "to_email": "somebody@example.org",
        "to": str(make_runner().public_id),
        "kept": str(make_runner().public_id),
        "absorbed": str(make_runner().public_id),
        "debit": Role.BANK.value.code,
        "credit": Role.CASH_DRAWER.value.code,
        "invariant": "I01",
        "report": "sessions",
    }


def fill(model: type[models.Model], **values: Any) -> Any:
    """A row with whatever it must have: what is not said is as plain as its type allows."""
    for one in model._meta.concrete_fields:
        said = one.name in values or one.attname in values
        if not (said or one.null or one.blank or one.has_default() or one.primary_key):
            values[one.name] = _plain(one)
    return model._base_manager.create(**values)


def _plain(field: Any) -> Any:
    number = next(_next)
    if isinstance(field, models.ForeignKey):
        found = field.related_model._base_manager.first()
        return found or fill(field.related_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.DateField):
        return NOW.date()
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.IntegerField):
        return number
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if getattr(field, "max_length", None) == 3:
        return "GBP"
    return f"x{number}"


def _shared(practice: Practice, order: Any) -> dict[str, Any]:
    """What belongs to the practice; each is called as the addresses that name it call it."""
    attempt = fill(
        PaymentAttempt, order=order, method="card", status="paid", amount_minor=100, paid_at=NOW
    )
    charge = fill(Charge, attempt=attempt, pk="ch_1", currency="GBP")
    page, endpoint = BasePage.objects.get(depth=2), fill(WebhookEndpoint)
    return {
        "account_role": "1000",
        "adjustment": _proposal().pk,
        "bank_line": fill(BankLine, amount_minor=100).pk,
        "block": fill(TimeOff, therapist=practice.imre, kind="blocked", ends_at=NOW + AN_HOUR).pk,
        "charge": charge.pk,
        "delivery": fill(WebhookDelivery, endpoint=endpoint).public_id,
        "dispute": fill(Dispute, pk="dp_1", charge=charge, currency="GBP").pk,
        "document": _receipt().pk,
        "entry_of_journal": fill(JournalEntry).pk,
        "event": fill(StripeEvent, pk="evt_1").pk,
        "mismatch": fill(Mismatch, code="M01").pk,
        "page": page.pk,
        "locale": Locale.objects.get().pk,
        "payout": fill(Payout, pk="po_1", currency="GBP").pk,
        "period": fill(Period, starts_on=LONG_AGO, ends_on=LONG_AGO, ends_at=VERY_LONG_AGO).pk,
        "proposal": fill(
            Mismatch, code="M09", order=order, details={"proposed_by_id": 0, "units": 1}
        ).pk,
        "refund": fill(Refund, pk="re_1", charge=charge, currency="GBP").pk,
        "site": Site.objects.get().pk,
        "transaction": fill(
            BalanceTransaction, pk="txn_1", amount_minor=3, fee_minor=1, net_minor=2
        ).pk,
        "endpoint": endpoint.public_id,
    }
