"""AD5: every address and every operation asked by every role; nobody gets in who should not.

The tables beside this file say who is let in: an address or operation without a row fails. To
write them anew after a change, and then to read what changed: ``MATRIX=write pytest`` this file.
"""

import os
from collections.abc import Iterable
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from accounts import roles
from tests.portal.matrix.answering import Answer, ask, only_asking
from tests.portal.matrix.asking import Asked, operations, pages
from tests.portal.matrix.tables import OPERATIONS, PAGES, Row, read, without_control, write
from tests.portal.matrix.world import CONTROL, NOW, ROLES, World, make_world

WRITES = os.environ.get("MATRIX") == "write"
# Signing in knows accounts, no roles: two are asked for all.
OF_ANY_ACCOUNT = ("accounts/", "_allauth/")
BREAKS = ("GET admin/error_test/",)  # what Wagtail has it for
# A stranger's thing is not there: removing it is no fault, or refused before it is looked for.
AS_FOR_NOTHING = (302, 404, 409)


class Survey:
    """Asks, and keeps what should not have been answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults: list[str] = []

    def of(self, rows: Iterable[Asked]) -> dict[str, Row]:
        return {asked.row: self._row(asked) for asked in rows}

    def _row(self, asked: Asked) -> Row:
        """Who gets in with what is theirs, and who with a stranger's.

        Whose it is can matter where the address or what is sent names something that belongs to
        a person. Everywhere else everybody asks for the same.
        """
        cache.clear()
        asking = list(ROLES)[:2] if asked.route.startswith(OF_ANY_ACCOUNT) else list(ROLES)
        own = [role for role in asking if self._ask(role, asked, self._own(role, asked)).lets_in]
        if len(asking) == 2 and "runner" in own:
            own += list(ROLES)[2:]
        if not own and self._ask(CONTROL, asked, self.world.own).lets_in:
            own = [CONTROL]
        if not asked.owned:
            return Row(own)
        return Row(own, [role for role in asking if self._finds(role, asked, role in own)])

    def _own(self, role: str, asked: Asked) -> dict[str, Any]:
        """For staff what is their client's, elsewhere what anybody with an account has."""
        return self.world.own if asked.is_of_staff else self.world.of[role]

    def _finds(self, role: str, asked: Asked, has_own: bool) -> bool:
        """Whether a stranger's opens; where only one's own does, it is as if there were none."""
        others = self._ask(role, asked, self.world.others)
        if others.lets_in and others.status not in AS_FOR_NOTHING:
            return True
        if not (others.lets_in or has_own):
            return False
        nothing = self._ask(role, asked, asked.nothing(self.world.others))
        is_as_nothing = others == nothing and others.status in AS_FOR_NOTHING
        if not (others.lets_in or is_as_nothing):
            self.faults.append(f"{role}: {asked.row} tells {others} from {nothing}")
        return others.lets_in and not is_as_nothing

    def _ask(self, role: str, asked: Asked, things: dict[str, Any]) -> Answer:
        answer = ask(self.world, role, asked, things)
        if answer.is_broken and asked.row not in BREAKS:
            self.faults.append(f"{role}: {asked.row} answers {answer.status}")
        if answer.unread:
            self.faults.append(f"{role}: {asked.row} does not read {answer.unread}")
        return answer


@pytest.mark.django_db
def test_nobody_gets_in_who_should_not(settings):
    """One test, because building the world takes longer than any question."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False  # a write for each question
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600  # however slow the machine
    no_admin = (roles.FRONT_DESK, roles.THERAPISTS, roles.BOOKKEEPERS)
    assert not any("wagtailadmin.access_admin" in roles.MAY[one] for one in no_admin)
    with time_machine.travel(NOW):  # what is held in the world is held no longer than that
        survey = Survey(make_world())
        with only_asking():
            tables = ((PAGES, survey.of(pages())), (OPERATIONS, survey.of(operations())))
    nobody_seen = set()
    for file, found in tables:
        if WRITES:
            write(file, found)
        expected = read(file)

        assert sorted(found) == sorted(expected), "Each has a row, each row its address."
        assert {row: str(who) for row, who in found.items() if who != expected[row]} == {}
        nobody_seen |= {row for row, who in found.items() if not who.own}
    assert not survey.faults, "\n".join(survey.faults)
    assert sorted(nobody_seen) == sorted(without_control()), "Say why nobody can be seen to get in."
