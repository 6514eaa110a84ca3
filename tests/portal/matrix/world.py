"""One practice with one of everything that an address can name, and a person for each role.

What belongs to somebody is here twice: the runner's own with the therapist, and strangers'.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client

from accounts import roles
from accounts.models import User
from cms.api_scopes import Scope
from cms.api_tokens import issue_token
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
    JournalEntry,
    Mismatch,
    PaymentAttempt,
    Payout,
    Period,
    Refund,
    StripeEvent,
)
from payments.second_person import ALONE_MINOR
from scheduling.models import TimeOff
from tests.builders import make_order, make_package, make_runner, make_staff, pay_at_the_desk
from tests.portal.matrix.belongings import Times, of_a_runner, of_a_therapist
from tests.portal.matrix.content import make_content
from tests.portal.matrix.rows import NOW, fill
from tests.scheduling.builders import Practice, make_practice
from tests.second_factor import show_factor

AN_HOUR = timedelta(hours=1)
LONG_AGO, VERY_LONG_AGO = date(2000, 1, 1), datetime(2000, 1, 2, tzinfo=UTC)

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


CONTROL = "superuser"  # asked where no role gets in, to see that the question can be answered


@dataclass(frozen=True)
class Asker:
    """Somebody with a browser, and with what an app and a program of theirs send."""

    client: Client
    cookies: str = ""
    session: str = ""
    token: str = ""


@dataclass(frozen=True)
class World:
    askers: dict[str, Asker]
    own: dict[str, Any]  # the runner's, with the therapist
    others: dict[str, Any]  # strangers', of the same kinds
    of: dict[str, dict[str, Any]]  # each role's own, as somebody who has an account

    @property
    def clients(self) -> dict[str, Client]:
        return {role: self.askers[role].client for role in ROLES}


def make_world() -> World:
    practice = make_practice()
    package = make_package("five", variants=[practice.sports_60, practice.sports_30])
    people = {name: _person(name, groups) for name, groups in ROLES.items() if name != "anonymous"}
    people[CONTROL] = _person(CONTROL, (roles.OWNERS,), is_superuser=True)
    practice.imre.user = people["therapist"]
    practice.imre.save()
    practice.lena.user = _person("another", (roles.THERAPISTS,))
    practice.lena.save()
    shared = _shared(practice, make_order(make_runner(), at=NOW))
    shared |= make_content(people["moderator"])
    shared |= _words(practice, package) | {"cashier": people["desk"].public_id}
    by, stranger = people["manager"], make_runner()
    own = of_a_therapist(people["runner"], practice.imre, by)
    others = of_a_therapist(stranger, practice.lena, by)
    others |= of_a_runner(practice, stranger, Times.number(practice, 1))
    mornings = (Times.number(practice, number) for number in itertools.count(2))
    belongings = {
        name: of_a_runner(
            practice, person, Times.number(practice, 0) if name == "runner" else next(mornings)
        )
        for name, person in people.items()
        if name in ROLES
    }
    own |= belongings["runner"]
    return World(
        askers={name: _asker(people.get(name)) for name in (*ROLES, CONTROL)},
        own=shared | own,
        others=shared | others,
        of={name: shared | own | belongings.get(name, {}) for name in (*ROLES, CONTROL)},
    )


def _person(name: str, groups: tuple[str, ...], **values: Any) -> User:
    if not groups:
        return make_runner(f"{name}@example.org")
    person = make_staff(f"{name}@example.org", name=name.title(), **values)
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def _asker(person: User | None) -> Asker:
    client = Client(raise_request_exception=False)
    if person is None:
        return Asker(client)
    client.force_login(person)
    _prove_just_now(client, person)
    _, secret = issue_token(
        user=person,
        name="a program",
        scopes=list(Scope),
        lasting=timedelta(days=30),
        by=person,
        at=NOW,
    )
    return Asker(
        client,
        cookies=client.cookies.output(header="", sep=";"),
        session=client.cookies[settings.SESSION_COOKIE_NAME].value,
        token=secret,
    )


def _prove_just_now(client: Client, person: User) -> None:
    """By the second factor: nobody is sent to sign in, or to show it, once more."""
    show_factor(client, person)
    RecoveryCodes.activate(person)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["reauthenticated"] = True
    session.save()


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
        "day": start.date().isoformat(),
        "slot": f"{start:%Y-%m-%dT%H:%M:%SZ}",
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


def _shared(practice: Practice, order: Any) -> dict[str, Any]:
    """What belongs to the practice; each is called as the addresses that name it call it."""
    attempt = fill(
        PaymentAttempt, order=order, method="card", status="paid", amount_minor=100, paid_at=NOW
    )
    charge = fill(Charge, attempt=attempt, pk="ch_1", currency="GBP")
    endpoint = fill(WebhookEndpoint)
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
        "payout": fill(Payout, pk="po_1", currency="GBP").pk,
        "period": fill(Period, starts_on=LONG_AGO, ends_on=LONG_AGO, ends_at=VERY_LONG_AGO).pk,
        "proposal": fill(
            Mismatch, code="M09", order=order, details={"proposed_by_id": 0, "units": 1}
        ).pk,
        "refund": fill(Refund, pk="re_1", charge=charge, currency="GBP").pk,
        "transaction": fill(
            BalanceTransaction, pk="txn_1", amount_minor=3, fee_minor=1, net_minor=2
        ).pk,
        "endpoint": endpoint.public_id,
    }
