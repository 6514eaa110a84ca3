"""Every page that a plain GET opens, out of the URLconf, as those see it who may.

The practice is that of the permission matrix, which has one of everything an address can name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import time_machine

from accounts.models import User
from accounts.retention import keep_to_schedule
from payments.gifting import code_of
from payments.models import CreditLot, Document, Gift, Order
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from portal.invariants.proving import prove
from scheduling.models import Booking, Series, WaitlistEntry
from scheduling.web.slots import slot_value
from tests.journeys.clientele import has_told, is_looked_after, will_race
from tests.portal.matrix.asking import pages
from tests.portal.matrix.world import NOW, World, make_world

# Wagtail's pages are Wagtail's; allauth's second set is for programs.
NOT_OURS = ("admin/", "_allauth/")
# Who asks what: the owner also for what an account shows that has nothing yet.
WHO = (("staff/", ("owner", "therapist")), ("", ("anonymous", "runner", "owner")))
A_PAGE = (200, 401, 409, 422)  # the last three say in words what is the matter
_ELEMENT = re.compile(r'<(\w+)(?:[^>]*?\sclass="([^"]*)")?')


@dataclass(frozen=True)
class Opened:
    route: str
    who: str
    answer: Any

    @property
    def name(self) -> str:
        return f"{self.answer.wsgi_request.get_full_path()} for {self.who}"


@time_machine.travel(NOW)
def every_page() -> tuple[list[Opened], set[str]]:
    """What opens, and the routes that opened for nobody, as of when the world is made."""
    world = make_world()
    further = _further(world)
    opened, shut = [], set()
    for asked in pages():
        if asked.method != "GET" or asked.route.startswith(NOT_OURS):
            continue
        addresses = (asked.address(world.own), *further.pop(asked.route, ()))
        people = next(people for begins, people in WHO if asked.route.startswith(begins))
        answers = [(who, world.clients[who].get(one)) for one in addresses for who in people]
        answers = [(who, answer) for who, answer in answers if answer.status_code in A_PAGE]
        opened += [Opened(asked.route, who, answer) for who, answer in _different(answers)]
        if not answers:
            shut.add(asked.route)
    assert not further, "Each names a route."
    return opened, shut


def _different(answers: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The pages among them that show a kind of thing which those before do not."""
    known: set[tuple[str, str]] = set()
    for who, answer in answers:
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            html = answer.content.decode()
            kinds = set(_ELEMENT.findall(html.partition("<main")[2] or html))
            if not kinds <= known:
                yield who, answer
            known |= kinds


def _further(world: World) -> dict[str, tuple[str, ...]]:
    """Addresses beside those that the world knows: with a secret, or of a further state."""
    at, own = NOW, world.own
    runner, owner = _person(world, "runner"), _person(world, "owner")
    booking = Booking.objects.get(public_id=own["booking"])
    lot = CreditLot.objects.get(public_id=own["lot"])
    has_told(runner, owner, at, clot="No")
    will_race(runner, at)
    is_looked_after(runner, booking.therapist.user, owner, booking, at)
    paid = lot.order_line.order
    note = _credit_note(paid, owner)
    Booking.objects.filter(pk=booking.pk).update(series=Series.objects.get(public_id=own["series"]))
    gift = Gift.objects.get(order__public_id=own["gift_order"])
    WaitlistEntry.objects.get(public_id=own["entry"]).variants.add(booking.variant)
    keep_to_schedule(at=at)
    prove(at=at)
    time = urlencode(
        {
            "location": booking.location.code,
            "slot": slot_value(booking.starts_at + timedelta(days=1)),
        }
    )
    return {
        "gifts/{public_id}/": (f"/gifts/{gift.public_id}/?code={code_of(gift)}",),
        "book/{variant_code}/time/": (f"/book/{booking.variant.code}/time/?{time}",),
        "orders/{public_id}/": (f"/orders/{paid.public_id}/",),
        "orders/{public_id}/credit-notes/{number}/": (note.get_absolute_url(),),
        "staff/orders/{public_id}/": (f"/staff/orders/{paid.public_id}/",),
        "staff/documents/{pk}/": (f"/staff/documents/{note.pk}/",),
        "staff/runners/{public_id}/merge/": (
            f"/staff/runners/{own['runner']}/merge/?other={world.others['runner']}",
        ),
        "staff/runners/": ("/staff/runners/?q=runner",),
    }


def _person(world: World, name: str) -> User:
    return User.objects.get(email=f"{name}@example.org")


def _credit_note(order: Order, owner: User) -> Document:
    """Of one session that the desk has paid back."""
    quote = quote_refund(order=order, units=1, amount_minor=None, at=NOW)
    request_refund(
        order=order,
        token=quote.token,
        by=owner,
        reason="She moves away.",
        method="cash",
        reference="Slip 12",
        at=NOW,
    )
    return Document.objects.of_order(order).credit_notes().get()
