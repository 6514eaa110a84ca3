"""The clock: forwards, to the past while nothing exists, frozen, kept over a restart."""

import threading
import time
from datetime import UTC, datetime

import pytest

from payments.sandbox import payouts
from payments.sandbox.clock import BadMoment, read_duration, read_moment
from payments.sandbox.control_client import SandboxRefused
from payments.sandbox.testing import RunningSandbox
from tests.stripe.conftest import TEN_OCLOCK, make_client, order


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("25h", 90000), ("1d12h", 129600), ("90", 90), (90, 90), ("2w", 1209600), ("5m 3s", 303)],
)
def test_durations(text, seconds):
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5h", "h", "5y"])
def test_no_durations(text):
    with pytest.raises(BadMoment):
        read_duration(text)


@pytest.mark.parametrize(
    "moment", [TEN_OCLOCK, str(TEN_OCLOCK), "2026-10-01T10:00", "2026-10-01T12:00+02:00"]
)
def test_moments(moment):
    assert read_moment(moment) == TEN_OCLOCK


def test_it_starts_at_real_time_and_moves_on(stripe_server):
    assert abs(stripe_server.now() - time.time()) <= 2
    before = stripe_server.now()

    assert stripe_server.advance("25h") - before in (90000, 90001, 90002)


def test_a_frozen_clock_stands(frozen):
    assert frozen.now() == TEN_OCLOCK
    time.sleep(1.1)
    assert frozen.now() == TEN_OCLOCK
    frozen.unfreeze()
    assert frozen.now() - TEN_OCLOCK in (0, 1)


def test_two_months_of_history_from_the_past_to_now(stripe_server, client):
    now = int(time.time())
    stripe_server.deliver("never")
    stripe_server.set_clock(datetime.fromtimestamp(now - 60 * 86400, UTC), freeze=True)
    started = time.monotonic()
    for _ in range(60):
        session = client.v1.checkout.sessions.create(order())
        stripe_server.pay(session.id)
        stripe_server.advance("1d")
    took = time.monotonic() - started
    stripe_server.follow_real_time()

    created = [one.created for one in client.v1.checkout.sessions.list({"limit": 100}).data]
    assert created == [now - day * 86400 for day in range(1, 61)]
    assert len(client.v1.payouts.list({"limit": 100}).data) >= 57
    assert abs(stripe_server.now() - time.time()) <= 2
    assert took < 20, "the demo waits for this"


def test_a_tick_that_waits_while_the_clock_is_set_back_leaves_the_payouts_alone(stripe_server):
    world = stripe_server.app.world
    with world.store.transaction():
        tick = threading.Thread(target=stripe_server.app.catch_up)
        tick.start()
        time.sleep(0.1)  # it stands at the lock now
        world.clock.freeze()
        world.clock.place(TEN_OCLOCK)
        payouts.plan_next(world, after=TEN_OCLOCK)
    tick.join()

    [job] = world.store.run("SELECT due FROM jobs WHERE name = ?", (payouts.JOB,))
    assert job["due"] - TEN_OCLOCK < 86400


def test_it_does_not_run_backwards_under_what_exists(frozen, client):
    client.v1.checkout.sessions.create(order())

    with pytest.raises(SandboxRefused, match="backwards"):
        frozen.set_clock(TEN_OCLOCK - 1)

    assert frozen.now() == TEN_OCLOCK


def test_nothing_is_lost_by_a_restart(tmp_path):
    file = tmp_path / "sandbox.sqlite3"
    with RunningSandbox(database=file) as first:
        first.set_clock(TEN_OCLOCK, freeze=True)
        first.settings(fee_fixed_minor=30, deliver="never")
        session = make_client(first).v1.checkout.sessions.create(order())
        first.pay(session.id)
    with RunningSandbox(database=file) as second:
        assert second.now() == TEN_OCLOCK
        assert second.settings()["fee_fixed_minor"] == 30
        second.advance("4d")
        client = make_client(second)
        assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        assert client.v1.payouts.list().data[0].amount == 31500 - 473 - 30


@pytest.mark.parametrize(
    "change", [{"deliver": "maybe"}, {"payout_hour": 24}, {"fee": 1}, {"payout_takes": "long"}]
)
def test_settings_that_make_no_sense_change_nothing(stripe_server, change):
    before = stripe_server.settings()

    with pytest.raises(SandboxRefused):
        stripe_server.settings(**change)

    assert stripe_server.settings() == before
