"""AD5: every address asked by every role, and nobody gets in who should not.

The table beside this file says who is let in: an address without a row fails. To
write them anew after a change, and then to read what changed: ``MATRIX=write pytest`` this file.
"""

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

from tests.portal.matrix.asking import Asked, admin_pages_about_something, operations, pages
from tests.portal.matrix.world import ROLES, World, make_world

FOLDER = Path(__file__).parent
PAGES = FOLDER / "pages.txt"
OUT = (401, 403, 404, 410)
NOT_READ = 422  # by API: what was sent was not read, or is refused as nonsense; nothing is told
ADMIN_HOME = "/admin/"  # where Wagtail sends whoever may not
SIGN_IN = ("/accounts/login", "/admin/login", "/accounts/reauthenticate", "/accounts/2fa")
WRITES = os.environ.get("MATRIX") == "write"
# Signing in knows accounts, no roles: two are asked for all.
OF_ANY_ACCOUNT = ("accounts/", "_allauth/")
BREAKS = ("GET admin/error_test/",)  # what Wagtail has it for
# Of these a stranger's is not there, and the runner's and the therapist's own is.
WITH_OWN = ("runner", "therapist")


@contextmanager
def nothing_drawn() -> Iterator[None]:
    """Who gets in is decided before a page is drawn, and drawing is what takes the time."""
    with (
        mock.patch("django.template.backends.django.Template.render", return_value=""),
    ):
        yield


def gets_in(world: World, role: str, asked: Asked, address: str) -> bool:
    """Whether somebody of that role is let in; whatever is done there is undone again."""
    response = _answer(world, role, asked, address)
    if response.status_code >= 500 and asked.row not in BREAKS:
        world.broken.append(f"{role}: {asked.row} answers {response.status_code}")
    if response.status_code in OUT or ("/api/" in address and response.status_code == NOT_READ):
        return False
    to = response.headers.get("Location", "")
    return not (to.startswith(SIGN_IN) or to == ADMIN_HOME)


FORM = "application/x-www-form-urlencoded"


def outcome(world: World, rows: Iterable[Asked]) -> dict[str, list[str]]:
    """Who gets in where; strangers' things are checked on the way."""
    found = {}
    for asked in rows:
        cache.clear()
        address = asked.address(world.own)
        if asked.route.startswith(OF_ANY_ACCOUNT):
            first, second = (gets_in(world, role, asked, address) for role in list(ROLES)[:2])
            found[asked.row] = [*(["anonymous"] * first), *(list(ROLES)[1:] * second)]
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
            statuses = [_answer(world, role, asked, one).status_code for one in addresses]
            # 302: removing what is not there is no fault, and another's is not there.
            if statuses[0] != statuses[1] or statuses[0] not in (404, 302, NOT_READ):
                found.append(f"{role}: {asked.row} {statuses}")
    return found


def _answer(world: World, role: str, asked: Asked, address: str) -> Any:
    """As if it were the first thing this person asked: whatever is done is undone again."""
    kind = "application/json" if "/api/" in address else FORM
    body = asked.body(world.own)
    client = world.clients[role]
    with transaction.atomic():
        answer = client.generic(asked.method, address, body, content_type=kind)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(world.cookies[role])
    return answer


@pytest.mark.django_db
def test_nobody_gets_in_who_should_not(settings):
    """One test, because building the world takes longer than any question."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False  # a write for each question
    with nothing_drawn():
        world = make_world()
        rows = list(pages())
        found = outcome(world, rows)
        if WRITES:
            PAGES.write_text(written(PAGES, found))
        expected = table(PAGES)

        assert sorted(found) == sorted(expected), "Each has a row, each row its address."
        assert {row: who for row, who in found.items() if who != expected[row]} == {}
        assert strangers(world, rows, expected) == []
        assert operations_for_staff(world) == []
        assert in_the_admin(world) == []
        assert world.broken == []


def operations_for_staff(world: World) -> list[str]:
    """Operations for staff that that let in a runner, or who is signed out."""
    return [
        f"{role}: {asked.row}"
        for asked in operations()
        if asked.route.startswith("api/v1/staff/")
        for role in ("anonymous", "runner")
        if gets_in(world, role, asked, asked.address(world.own))
    ]


def in_the_admin(world: World) -> list[tuple[str, str]]:
    """Pages of the Wagtail admin about one thing that open for who is no editor or manager."""
    ask = Asked("GET", "")
    return [
        (role, address)
        for address in admin_pages_about_something()
        for role in ("anonymous", "runner", "desk", "therapist", "bookkeeper")
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
