"""Finding a runner and what her page tells."""

import pytest
from django.contrib.auth.models import Permission

from tests.builders import make_order, make_runner, make_staff
from tests.portal.staff.conftest import signed_in
from tests.scheduling.builders import TUESDAY_9, book, make_runner_with_credits


def found(client, query: str) -> list[str]:
    table = client.get("/staff/runners/", {"q": query}).context["table"]
    return [row[0].text for row in table.rows]


def test_search_by_name_address_and_order_number(desk, db):
    ana = make_runner("ana@example.org", name="Ana Ortiz")
    make_runner("ben@example.org", name="Ben Adeyemi")
    order = make_order(ana)

    for query in ("ortiz", "ANA@", order.number, order.number.lower()):
        assert found(desk, query) == ["Ana Ortiz"]
    assert found(desk, "example.org") == ["Ana Ortiz", "Ben Adeyemi", "Dee Desk"]
    assert found(desk, "nobody of that name") == []


def test_without_a_search_the_latest_to_join_come_first(desk, db):
    for name in ("First Runner", "Second Runner"):
        make_runner(name=name)

    assert found(desk, "") == ["Second Runner", "First Runner"]


@pytest.mark.parametrize("odd", ["%", "_", "'; --", "<script>", "x" * 500])
def test_odd_searches_find_nobody_and_break_nothing(desk, db, odd):
    make_runner(name="Ana Ortiz")
    response = desk.get("/staff/runners/", {"q": odd})

    assert response.status_code == 200
    assert len(response.context["table"].rows) == 0
    assert "<script>alert" not in response.content.decode()


def test_her_page_has_credits_sessions_and_orders(desk, practice):
    runner = make_runner_with_credits(practice=practice, units=5)
    booking = book(practice, runner, TUESDAY_9)

    response = desk.get(f"/staff/runners/{runner.public_id}/")
    page = response.content.decode()
    [shown] = response.context["page"].lots
    assert (shown.left, shown.used, shown.lot.units) == (5, 0, 5)
    assert [row[1].text for row in shown.movements.rows] == ["Bought", "Session booked"]
    assert f'href="/staff/bookings/{booking.public_id}/"' in page
    assert runner.email in page
    assert runner.orders.get().number in page


def test_a_busy_runner_costs_no_more_queries(desk, practice, django_assert_max_num_queries):
    def visit(number, limit):
        runner = make_runner_with_credits(practice=practice)
        for hour in range(number):
            book(practice, runner, TUESDAY_9.replace(hour=9 + 2 * hour))
        with django_assert_max_num_queries(limit) as queries:
            desk.get(f"/staff/runners/{runner.public_id}/")
        return len(queries)

    visit(4, visit(1, 34))


def test_an_unknown_runner_is_not_found(desk, db):
    address = "/staff/runners/00000000-0000-4000-8000-000000000000/"

    assert desk.get(address).status_code == 404


def test_orders_are_links_for_those_who_may_open_them(desk, manager, db):
    reader = make_staff()
    reader.user_permissions.add(Permission.objects.get(codename="view_clients"))
    order = make_order()
    address = f"/staff/runners/{order.buyer.public_id}/"
    link = f'href="/staff/orders/{order.public_id}/"'

    assert link not in signed_in(reader).get(address).content.decode()
    assert link in desk.get(address).content.decode(), "who pays back opens orders"
    assert link in manager.get(address).content.decode()


def test_by_mobile_however_it_is_written(desk, db):
    ana = make_runner("ana@example.org", name="Ana Ortiz")
    ana.runner_profile.mobile = "+44 7700 900-123"
    ana.runner_profile.save()

    for query in ("07700900123", "07700 900 123", "+44 7700 900123", "900-123"):
        assert found(desk, query) == ["Ana Ortiz"]
    assert found(desk, "0000") == []


def test_the_desk_asks_her_to_call_before_booking_and_says_no_why(desk, db):
    ana = make_runner(name="Ana Ortiz")
    page = f"/staff/runners/{ana.public_id}/"

    said = desk.post(f"{page}flags/", {"must_call": "on"}, follow=True).content.decode()
    ana.runner_profile.refresh_from_db()
    assert ana.runner_profile.must_call
    assert "not bookable online" in said

    desk.post(f"{page}flags/")
    ana.runner_profile.refresh_from_db()
    assert not ana.runner_profile.must_call
    assert "not bookable online" not in desk.get(page).content.decode()


def test_a_runner_without_a_profile_can_be_asked_to_call(desk, db):
    lee = make_staff(name="Lee Therapist")
    desk.post(f"/staff/runners/{lee.public_id}/flags/", {"must_call": "on"})

    lee.refresh_from_db()
    assert lee.runner_profile.must_call


def test_her_page_begins_a_booking_for_her(desk, db):
    ana = make_runner(name="Ana Ortiz")

    page = desk.get(f"/staff/runners/{ana.public_id}/").content.decode()
    assert f'href="/staff/walk-in/?runner={ana.public_id}"' in page


def test_the_bookkeeper_reads_her_page_and_changes_nothing_on_it(bookkeeper, db):
    ana = make_runner(name="Ana Ortiz")

    page = bookkeeper.get(f"/staff/runners/{ana.public_id}/").content.decode()
    assert "Flags" not in page
    assert bookkeeper.post(f"/staff/runners/{ana.public_id}/flags/").status_code == 403
