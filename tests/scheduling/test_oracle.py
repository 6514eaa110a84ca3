"""The engine against an independent, slow reading of the rules, on 2,000 random practices."""

from dataclasses import replace

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, event, given, settings

from accounts.models import RunnerProfile
from scheduling import availability
from tests.builders import make_policy, make_runner
from tests.scheduling.oracle import DAY, Oracle, Wish
from tests.scheduling.worlds import World, worlds

# The rules are the same sums on both engines: PostgreSQL checks that its rows read alike.
WORLDS = 2_000 if connection.vendor == "sqlite" else 200
DAYS = 2  # asked about in each


@pytest.fixture
def people(db):
    """Two runners and the terms; they stay while worlds come and go."""
    return {"runner": make_runner(), "stranger": make_runner(), "policy": make_policy()}


@given(world=worlds())
@settings(
    max_examples=WORLDS,
    deadline=None,
    derandomize=False,
    database=None,
    print_blob=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
def test_engine_and_oracle_agree(people, world):
    with transaction.atomic():
        world.save(**people)
        profile = people["runner"].runner_profile
        profile.must_call = world.must_call
        RunnerProfile.objects.filter(pk=profile.pk).update(must_call=world.must_call)
        oracle = Oracle()
        asked = wishes(world, people["runner"] if world.runner_is_known else None)

        expected = sorted(
            (start, wish.therapist.pk, oracle.session_of(replace(wish, starts_at=start))[1])
            for wish in asked
            for start in oracle.starts(wish, world.day, world.day + (DAYS - 1) * DAY)
        )
        assert listed(world, asked[0]) == expected
        event("something is free" if expected else "nothing is free")

        start = world.asked
        if expected:
            number, missed_by = world.aim
            start = expected[number % len(expected)][0] + missed_by
        judged_alike(oracle, [replace(wish, starts_at=start) for wish in asked])

        transaction.set_rollback(True)


def wishes(world: World, runner) -> list[Wish]:
    """The same wish of each therapist."""
    return [
        Wish(
            therapist=therapist,
            variant=world.variant,
            location=world.location,
            starts_at=world.asked,
            at=world.at,
            runner=runner,
            for_staff=world.for_staff,
        )
        for therapist in world.therapists
    ]


def listed(world: World, wish: Wish) -> list[tuple]:
    found = availability.free_times(
        variant=wish.variant,
        location=wish.location,
        therapist=None,
        start=world.day,
        end=world.day + DAYS * DAY,
        at=wish.at,
        for_staff=wish.for_staff,
        runner=wish.runner,
    )
    return [(one.starts_at, one.therapist_id, one.ends_at) for one in found]


def judged_alike(oracle: Oracle, asked: list[Wish]) -> None:
    """Free for one is free for the other, and what the engine names is a rule that is broken."""
    wish = asked[0]
    start = {
        "variant": wish.variant,
        "location": wish.location,
        "starts_at": wish.starts_at,
        "at": wish.at,
        "runner": wish.runner,
        "for_staff": wish.for_staff,
    }
    found = availability.verdicts(**start, therapist=None)
    verdicts = {one.therapist_id: one for one in found}
    for one in asked:
        broken = oracle.broken(one)
        verdict = verdicts.get(one.therapist.pk)
        if verdict is None:
            assert "eligibility" in broken
            continue
        named = {str(reason) for reason in verdict.reasons}
        assert verdict.is_free == (not broken), (named, broken)
        assert named <= broken, (named, broken)
    last = asked[-1]
    assert availability.is_free(**start, therapist=last.therapist) == oracle.free(last)
