"""AD5: every address and every operation asked by every role; nobody gets in who should not.

The tables beside this file say who is let in: an address or operation without a row fails. To
write them anew after a change, and then to read what changed: ``MATRIX=write pytest`` this file.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import transaction

from accounts import roles
from tests.portal.matrix.asking import (
    Asked,
    admin_pages_about_something,
    operations,
    pages,
)
from tests.portal.matrix.world import ROLES, World, make_world

FOLDER = Path(__file__).parent
PAGES, OPERATIONS = FOLDER / "pages.txt", FOLDER / "operations.txt"
OUT = (401, 403, 404, 405, 410)
ADMIN_HOME = "/admin/"  # where Wagtail sends whoever may not
SIGN_IN = ("/accounts/login", "/admin/login", "/accounts/reauthenticate", "/accounts/2fa")
WRITES = os.environ.get("MATRIX") == "write"
# Signing in knows accounts, no roles: two are asked for all.
OF_ANY_ACCOUNT = ("accounts/", "_allauth/")
# To the Wagtail admin these are what the desk is: accounts that may not open it.
AS_THE_DESK = ("therapist", "bookkeeper")
BREAKS = ("GET admin/error_test/",)  # what Wagtail has it for
# Of these a stranger's is not there, and the runner's and the therapist's own is.
WITH_OWN = ("runner", "therapist")


@contextmanager
def only_asking() -> Iterator[None]:
    """Who gets in is decided before a page is drawn, and drawing is what takes the time."""
    logging.disable(logging.CRITICAL)
    try:
        with (
            mock.patch("django.template.backends.django.Template.render", return_value=""),
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)


def gets_in(world: World, role: str, asked: Asked, address: str) -> bool:
    """Whether somebody of that role is let in; whatever is done there is undone again."""
    response = _answer(world, role, asked, address, asked.body(world.own))
    # 503: whoever takes payments does not answer here, which is no fault of ours.
    if response.status_code >= 500 and response.status_code != 503 and asked.row not in BREAKS:
        world.broken.append(f"{role}: {asked.row} answers {response.status_code}")
    if _is_unread(response):
        world.unread.append(f"{role}: {asked.row} {response.content.decode()}")
    to = response.headers.get("Location", "")
    is_sent_away = to.startswith(SIGN_IN) or to == ADMIN_HOME
    return response.status_code not in OUT and not is_sent_away


def _is_unread(response: Any) -> bool:
    """Whether the API found fault with what was sent before it looked who sent it."""
    if response.status_code != 422 or "json" not in response.headers["Content-Type"]:
        return False
    return any("loc" in one for one in json.loads(response.content).get("errors", []))


def outcome(world: World, rows: Iterable[Asked]) -> dict[str, list[str]]:
    """Who gets in where."""
    found = {}
    for asked in rows:
        cache.clear()
        address = asked.address(world.own)
        if asked.route.startswith(OF_ANY_ACCOUNT):
            first, second = (gets_in(world, role, asked, address) for role in list(ROLES)[:2])
            found[asked.row] = [*(["anonymous"] * first), *(list(ROLES)[1:] * second)]
        elif asked.route.startswith("admin/"):
            asking = [one for one in ROLES if one not in AS_THE_DESK]
            let_in = [one for one in asking if gets_in(world, one, asked, address)]
            alike = AS_THE_DESK if "desk" in let_in else ()
            found[asked.row] = [one for one in ROLES if one in let_in or one in alike]
        else:
            found[asked.row] = [one for one in ROLES if gets_in(world, one, asked, address)]
    return found


def strangers(world: World, rows: Iterable[Asked], table: dict[str, list[str]]) -> list[str]:
    """Where somebody finds another's thing, or can tell it from one that does not exist."""
    found = []
    for asked in rows:
        roles = [role for role in WITH_OWN if role in table[asked.row] and asked.owned]
        for role in roles:
            addresses = asked.address(world.others), asked.address_of_nothing(world.others)
            body = asked.body(world.own)
            statuses = [_answer(world, role, asked, one, body).status_code for one in addresses]
            # 302: removing what is not there is no fault, and another's is not there.
            # 409: refused before anything was looked for.
            if statuses[0] != statuses[1] or statuses[0] not in (404, 302, 409):
                found.append(f"{role}: {asked.row} {statuses}")
    return found


def _answer(world: World, role: str, asked: Asked, address: str, body: tuple[str, bytes]) -> Any:
    """As if it were the first thing this person asked: whatever is done is undone again."""
    kind, sent = body
    client = world.clients[role]
    undone = transaction.atomic()
    undone._from_testcase = True  # as Django's own tests: an act may insist on being outermost
    with undone:
        answer = client.generic(asked.method, address, sent, content_type=kind)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(world.cookies[role])
    return answer


@pytest.mark.django_db
def test_nobody_gets_in_who_should_not(settings):
    """One test, because building the world takes longer than any question."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False  # a write for each question
    no_admin = (roles.FRONT_DESK, roles.THERAPISTS, roles.BOOKKEEPERS)
    assert not any("wagtailadmin.access_admin" in roles.MAY[one] for one in no_admin)
    with only_asking():
        world = make_world()
        for rows, file in ((list(pages()), PAGES), (list(operations()), OPERATIONS)):
            found = outcome(world, rows)
            if WRITES:
                file.write_text(written(file, found))
            expected = table(file)

            assert sorted(found) == sorted(expected), "Each has a row, each row its address."
            assert {row: who for row, who in found.items() if who != expected[row]} == {}
            assert strangers(world, rows, expected) == []
        assert in_the_admin(world) == []
        assert world.unread == []
        assert world.broken == []


def in_the_admin(world: World) -> list[tuple[str, str]]:
    """Pages of the Wagtail admin about one thing that open for who is no editor or manager.

    Runner, therapist and bookkeeper are to the admin what the desk is.
    """
    ask = Asked("GET", "")
    return [
        (role, address)
        for address in admin_pages_about_something()
        for role in ("anonymous", "desk")
        if gets_in(world, role, ask, address)
    ]


def table(file: Path) -> dict[str, list[str]]:
    rows = (
        line.partition(" = ") for line in file.read_text().splitlines() if not line.startswith("#")
    )
    return {row.strip(): _roles(names.strip()) for row, _, names in rows if names}


def written(file: Path, found: dict[str, list[str]]) -> str:
    head = [line for line in file.read_text().splitlines() if line.startswith("#")]
    return (
        "\n".join([*head, "", *(f"{row} = {_names(found[row])}" for row in sorted(found))]) + "\n"
    )


def _roles(names: str) -> list[str]:
    every = list(ROLES)
    return {"everyone": every, "signed-in": every[1:], "nobody": []}.get(names, names.split())


def _names(roles: list[str]) -> str:
    every = list(ROLES)
    if not roles:
        return "nobody"
    return {tuple(every): "everyone", tuple(every[1:]): "signed-in"}.get(
        tuple(roles), " ".join(roles)
    )
