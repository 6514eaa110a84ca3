"""What nobody asked for is not written, however it is sent beside what was (fault 39).

Each operation that writes, and each form of the account, is asked twice: plainly, and with fields
that would make somebody an owner, a payer or a member of staff. The answers are the same, or the
second is refused, and the rows of people, orders, credits and bookings are the same after both.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache as limits
from django.db import transaction
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone

from accounts.models import RunnerProfile, User
from payments.models import CreditEntry, CreditLot, Order, OrderLine
from scheduling.models import Booking, WaitlistEntry
from tests.portal.matrix.answering import only_asking
from tests.portal.matrix.asking import Asked, operations, pages
from tests.portal.matrix.rows import fill
from tests.portal.matrix.tables import OPERATIONS, read
from tests.portal.matrix.world import NOW, World, make_world

Rows = dict[tuple[str, int], tuple[Any, ...]]
ROWS = (User, RunnerProfile, Order, OrderLine, CreditLot, CreditEntry, Booking)
DOCUMENT = Path(__file__).parents[3] / "docs/openapi.json"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
# What differs from one time to the next, whoever asks.
BY_CHANCE = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|![A-Za-z0-9]{40}|[\w:=-]{40,}|took_ms.{3}\d+"
)


@dataclass(frozen=True)
class Effect:
    status: int
    answer: str
    rows: list[str]


def _valid(world: World) -> dict[str, dict[str, Any]]:
    """What has to be said, beside the least that is read, for an operation to do what it does."""
    booking = Booking.objects.get(public_id=world.own["booking"])
    free = {"starts_at": (booking.starts_at + timedelta(hours=6.5)).isoformat()}
    back = dict.fromkeys(("success_url", "cancel_url"), f"{settings.SITE_URL}/back/")
    soon = (timezone.now() + timedelta(days=9)).date()
    wish = {"first_day": str(soon), "last_day": str(soon + timedelta(days=5))}
    wish |= {"variants": [world.own["variant"]]}
    race = {"name": "Spring 10", "held_on": str(soon), "distance_km": "10", "priority": "A"}
    return {
        "POST api/v1/holds/": free,
        "POST api/v1/staff/bookings/": free,
        "POST api/v1/staff/bookings/{booking_id}/move/": free,
        "POST api/v1/staff/bookings/{booking_id}/turnaround/": {"minutes": 5, "reason": "Tight"},
        "POST api/v1/orders/": back,
        "POST api/v1/staff/sales/": {"method": "cash"},
        "POST api/v1/staff/orders/{order_id}/payment/": {"method": "cash"},
        "POST api/v1/staff/runners/{runner_id}/goodwill/": {
            "units": 1,
            "variants": [world.own["variant"]],
            "until": str(soon + timedelta(days=90)),
        },
        "POST api/v1/waitlist/": wish,
        "PUT api/v1/waitlist/{entry_id}/": wish,
        "POST account/races/": race,
        "POST account/races/{public_id}/": race,
        "POST account/running/": {"weekly_km": "40", "therapist": world.own["therapist"]},
        "POST accounts/signup/": {"email": "new@example.org", "name": "New"},
        "POST _allauth/browser/v1/auth/signup": {"email": "new@example.org", "name": "New"},
    }


def _extra(world: World, taken: set[str]) -> dict[str, Any]:
    other = User.objects.get(public_id=world.others["runner"])
    fields = {
        "owner": str(other.public_id),
        "user": other.pk,
        "runner": str(other.public_id),
        "buyer": other.pk,
        "paid": True,
        "credits": 99,
        "units": 99,
        "is_staff": True,
        "is_superuser": True,
        "price_minor": 1,
        "total_minor": 1,
        "status": "paid",
        "state": "confirmed",
        "id": other.pk,
        "public_id": str(world.others["booking"]),
    }
    return {name: value for name, value in fields.items() if name not in taken}


def _names(schema: Any, whole: dict[str, Any]) -> set[str]:
    """Every field that an operation does read, at whatever depth."""
    if isinstance(schema, list):
        return set().union(*(_names(one, whole) for one in schema))
    if not isinstance(schema, dict):
        return set()
    if "$ref" in schema:
        return _names(whole[schema["$ref"].rpartition("/")[2]], whole)
    found = set(schema.get("properties", {}))
    return found.union(*(_names(one, whole) for one in schema.values()))


def _with(sent: Any, extra: dict[str, Any]) -> Any:
    if isinstance(sent, dict):
        return {name: _with(value, extra) for name, value in sent.items()} | extra
    return [_with(one, extra) for one in sent] if isinstance(sent, list) else sent


def _rows() -> Rows:
    """Whatever is said of people, orders, credits and bookings, by table and key."""
    return {
        (model.__name__, row[0]): row
        for model in ROWS
        for row in model._default_manager.values_list("pk", *_columns(model))
    }


@cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _effect(world: World, role: str, asked: Asked, kind: str, sent: Any, known: Rows) -> Effect:
    limits.clear()
    asker = world.askers[role]
    body = json.dumps(sent) if kind == JSON else urlencode(sent)
    undone = transaction.atomic()
    undone._from_testcase = True  # as Django's own tests: an act may insist on being outermost
    with undone:
        answer = asker.client.generic(
            asked.method,
            asked.address(world.own),
            body,
            content_type=kind,
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        written = [(key, row) for key, row in _rows().items() if known.get(key) != row]
        rows = [BY_CHANCE.sub("*", f"{key} {row}") for key, row in written]
        transaction.set_rollback(True)
    asker.client.cookies = SimpleCookie(asker.cookies)
    return Effect(
        answer.status_code, BY_CHANCE.sub("*", answer.content.decode(errors="replace")), rows
    )


def _asked(world: World) -> Iterator[tuple[str, Asked, str, Any, set[str]]]:
    """Who asks for what, what is sent, and the fields that are read of it."""
    whole, may, valid = json.loads(DOCUMENT.read_text()), read(OPERATIONS), _valid(world)
    for asked in operations():
        if asked.method in WRITES:
            content = asked.operation.get("requestBody", {}).get("content", {})
            schema = content.get(JSON, {}).get("schema", {})
            sent = json.loads(asked.body(world.own)[1]) if schema else {}
            if asked.row in valid:
                sent |= valid[asked.row]
            role = next((one for one in ("runner", "owner") if one in may[asked.row].own), "owner")
            yield role, asked, JSON, sent, _names(schema, whole["components"]["schemas"])
    for asked in pages():
        if asked.method == "POST" and asked.route.startswith("account/"):
            yield "runner", asked, FORM, valid.get(asked.row, {}), set()
    for route, kind in (("accounts/signup/", FORM), ("_allauth/browser/v1/auth/signup", JSON)):
        asked = Asked("POST", route)
        yield "anonymous", asked, kind, valid[asked.row], set()


def _waiting_like(offered: object) -> object:
    """One of the same person that nothing was offered to, so that it may be changed."""
    entry = WaitlistEntry.objects.get(public_id=offered)
    days = {"first_on": entry.first_on, "last_on": entry.last_on}
    found = fill(WaitlistEntry, runner=entry.runner, location=entry.location, **days)
    return found.public_id


def _compared(world: World) -> tuple[list[str], set[str]]:
    """What came out otherwise with more fields, and what did something at all."""
    wrong, done, known = [], set(), _rows()
    for role, asked, kind, sent, fields in _asked(world):
        clean = _effect(world, role, asked, kind, sent, known)
        if clean.status == 401 and not clean.rows:
            continue  # Wagtail's own, which ask for a token
        if clean.status < 400 or clean.rows:
            done.add(asked.row)
        extra = _with(sent, _extra(world, fields))
        more = _effect(world, role, asked, kind, extra, known)
        if more != clean and not (more.status in (400, 422) and not more.rows):
            wrong.append(f"{role}: {asked.row} is {more} and not {clean}")
    return wrong, done


@pytest.mark.django_db
def test_what_nobody_asked_for_is_not_written():
    """One test, because building the world takes longer than any question."""
    with (
        override_settings(USERSESSIONS_TRACK_ACTIVITY=False),
        time_machine.travel(NOW, tick=False),
    ):
        world = make_world()
        world.own["entry"] = _waiting_like(world.own["entry"])
        with only_asking():
            wrong, done = _compared(world)

    assert not wrong, "\n".join(wrong)
    assert not set(_valid(world)) - done, "These did nothing, so they show nothing."
    assert len(done) > 75, "More than half of what there is does something."
