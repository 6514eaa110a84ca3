"""Credits adjusted by hand, on the runner's page and by API: by whom, with a reason, once."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from accounts.roles import MANAGERS
from payments.crediting import extend_lot, freeze_lot, reserved_lot, wallet
from payments.days import practice_day
from payments.models import CreditEntry
from payments.statements import statement
from tests.builders import make_goodwill, make_lot, make_runner
from tests.portal.staff.conftest import in_group
from tests.scheduling.builders import TUESDAY_9, book, make_runner_with_credits

DAY = timedelta(days=1)
TODAY = practice_day(datetime.now(UTC))


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def runner(db):
    return make_runner("ana@example.org", name="Ana Ortiz")


@pytest.fixture
def lot(runner, now):
    return make_lot(runner, at=now - DAY, name="Five of 60")


def send(client, lot, name, **values):
    """What the form sends, with a key of its own unless one is given."""
    data = {"reason": "She was ill", "key": str(uuid.uuid4())} | values
    return client.post(f"/staff/lots/{lot.public_id}/{name}/", data)


def available(runner):
    return wallet(runner, on=TODAY).available


def test_a_manager_extends_rests_and_wakes_a_lot(manager, lot, runner):
    until = lot.expires_on + 30 * DAY
    for name, values in [("extension", {"until": until}), ("rest", {}), ("rest/end", {})]:
        response = send(manager, lot, name, **values)
        assert response.url == f"/staff/runners/{runner.public_id}/"

    lot.refresh_from_db()
    assert lot.expires_on == until
    lines = statement(runner).lines
    assert [line.what for line in lines] == ["Free again", "Put to rest", "Extended", "Bought"]
    assert {line.who for line in lines[:3]} == {"Max Manager"}
    assert all("She was ill" in line.reason for line in lines[:3])


def test_an_extension_is_taken_back(manager, lot, runner):
    send(manager, lot, "extension", until=lot.expires_on + 30 * DAY)
    page = manager.get(f"/staff/runners/{runner.public_id}/").content.decode()
    entry = re.search(r'name="entry" value="(\d+)"', page).group(1)

    send(manager, lot, "extension/correction", entry=entry)

    before = lot.expires_on
    lot.refresh_from_db()
    assert lot.expires_on == before
    page = manager.get(f"/staff/runners/{runner.public_id}/").content.decode()
    assert "Take the last extension back" not in page


def test_credits_are_passed_on_to_somebody_who_is_here(manager, lot, runner):
    friend = make_runner("ben@example.org")

    refused = send(manager, lot, "transfer", units=2, to="nobody@example.org")
    assert refused.status_code == 422
    assert "They sign up first." in refused.content.decode()
    too_many = send(manager, lot, "transfer", units=6, to="ben@example.org")
    assert too_many.status_code == 409
    send(manager, lot, "transfer", units=2, to="BEN@example.org")

    assert (available(runner), available(friend)) == (3, 2)


def test_goodwill_is_given_once_and_taken_back(manager, runner, lot):
    data = {
        "reason": "We were late",
        "units": 2,
        "variants": [lot.variants.get().code],
        "until": TODAY + 30 * DAY,
        "key": str(uuid.uuid4()),
    }
    for _ in range(2):
        manager.post(f"/staff/runners/{runner.public_id}/goodwill/", data)
    assert available(runner) == 7

    given = runner.credit_lots.get(is_goodwill=True)
    send(manager, given, "withdrawal")

    assert available(runner) == 5


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("extension", {"until": "2020-01-01"}),
        ("extension", {"until": "soon"}),
        ("extension", {"until": TODAY + 900 * DAY, "reason": " "}),
        ("rest", {"key": "x"}),
        ("rest/end", {}),
        ("withdrawal", {}),
    ],
)
def test_what_is_wrong_is_said_and_nothing_moved(manager, lot, name, values):
    response = send(manager, lot, name, **values)
    page = response.content.decode()

    assert response.status_code in (409, 422)
    assert "to put right" in page
    if name in ("extension", "rest"):  # it stands where it can be mended
        assert re.search(r"<details[^>]* open>", page)
    assert CreditEntry.objects.count() == 1


@pytest.mark.parametrize("name", ["extension", "rest", "rest/end", "transfer", "withdrawal"])
def test_others_may_not(desk, bookkeeper, runner_client, lot, name):
    for client in (desk, bookkeeper, runner_client):
        assert send(client, lot, name).status_code == 403
    assert CreditEntry.objects.count() == 1


def test_only_who_may_sees_the_forms(desk, manager, lot, runner):
    pages = [
        client.get(f"/staff/runners/{runner.public_id}/").content.decode()
        for client in (desk, manager)
    ]

    assert ["Give more time" in page for page in pages] == [False, True]


def test_a_runner_with_many_lots_costs_no_more_queries(
    manager, runner, now, django_assert_max_num_queries
):
    def visit(most):
        with django_assert_max_num_queries(most) as queries:
            manager.get(f"/staff/runners/{runner.public_id}/")
        return len(queries)

    def more():
        lot = make_lot(runner, at=now)
        extend_lot(
            lot=lot,
            until=lot.expires_on + DAY,
            reason="x",
            by=in_group(MANAGERS),
            at=now,
            key=uuid.uuid4(),
        )
        make_goodwill(runner, at=now, expires_on=TODAY + DAY)

    more()
    visit(40)
    few = visit(40)
    for _ in range(3):
        more()
    assert visit(40) <= few


def test_the_desk_lets_another_package_pay(desk, practice):
    runner = make_runner_with_credits(practice=practice, units=2)
    booking = book(practice, runner, TUESDAY_9)
    first = reserved_lot(booking.public_id)
    other = make_lot(runner, variants=[practice.sports_60], name="Another", at=first.granted_at)
    address = f"/staff/bookings/{booking.public_id}/"
    assert "Pay from another package" in desk.get(address).content.decode()

    faulty = desk.post(f"{address}credit/", {"lot": other.public_id, "reason": ""})
    assert faulty.status_code == 422
    assert reserved_lot(booking.public_id) == first
    desk.post(f"{address}credit/", {"lot": other.public_id, "reason": "Wrong package"})

    assert reserved_lot(booking.public_id) == other
    line = statement(runner).lines[0]
    assert (line.what, line.reason) == ("Set aside", "Wrong package")


# by API -----------------------------------------------------------------------------------------


def ask(client, method, address, **body):
    send = getattr(client, method)
    return send(f"/api/v1/staff/{address}", body, content_type="application/json")


def test_the_same_by_api(manager, lot, runner):
    friend = make_runner("ben@example.org")
    until = lot.expires_on + 30 * DAY
    why = {"reason": "She was ill"}
    here = f"lots/{lot.public_id}"

    extended = ask(manager, "post", f"{here}/extension/", until=str(until), **why)
    assert (extended.status_code, extended.json()["expires_on"]) == (200, str(until))
    undone = ask(manager, "post", f"{here}/extension/correction/", **why)
    assert undone.json()["expires_on"] == str(lot.expires_on)
    resting = ask(manager, "post", f"{here}/rest/", **why).json()
    assert (resting["frozen_for"], resting["is_usable"]) == ("pause", False)
    assert "pause" in resting["why_frozen"]
    assert ask(manager, "post", f"{here}/rest/end/", **why).json()["is_usable"]
    passed = ask(manager, "post", f"{here}/transfer/", units=2, to=str(friend.public_id), **why)
    assert (passed.status_code, passed.json()["available"]) == (201, 2)
    given = ask(
        manager,
        "post",
        f"runners/{runner.public_id}/goodwill/",
        units=1,
        variants=[lot.variants.get().code],
        until=str(until),
        **why,
    )
    assert given.status_code == 201
    taken = ask(manager, "post", f"lots/{given.json()['id']}/withdrawal/", **why)
    assert taken.json()["available"] == 0
    own = manager.get(f"/api/v1/staff/runners/{runner.public_id}/credits/").json()
    assert (own["available"], own["held"], len(own["lots"])) == (3, 3, 2)


def test_a_refusal_is_a_problem_document(manager, lot):
    refused = ask(manager, "post", f"lots/{lot.public_id}/rest/end/", reason="x")

    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_adjust")


def test_by_api_others_find_nothing(desk, bookkeeper, runner_client, lot):
    for client in (desk, bookkeeper, runner_client):
        answer = ask(client, "post", f"lots/{lot.public_id}/rest/", reason="x")
        assert answer.status_code == 404


def test_the_desk_lets_another_package_pay_by_api(desk, practice):
    runner = make_runner_with_credits(practice=practice, units=2)
    booking = book(practice, runner, TUESDAY_9)
    first = reserved_lot(booking.public_id)
    other = make_lot(runner, variants=[practice.sports_60], at=first.granted_at)

    answer = ask(
        desk,
        "put",
        f"bookings/{booking.public_id}/credit/",
        lot=str(other.public_id),
        reason="Wrong package",
    )

    assert answer.status_code == 200
    assert reserved_lot(booking.public_id) == other


def test_what_rests_says_why_on_the_runners_own_pages(manager, lot, runner, now, client):
    freeze_lot(lot=lot, reason="A stress fracture", by=None, at=now, key=uuid.uuid4())
    client.force_login(runner)
    home = client.get("/account/").content.decode()

    assert "0 credits left" in home
    assert "On a pause since" in home
    assert "5 that cannot be booked now" in client.get("/account/credits/").content.decode()
