"""Selling at the desk and counting the till, as the pages and the API do it."""

import csv
import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from payments.balances import balance_of
from payments.chart import Role
from payments.crediting import holds_credit
from payments.desk_selling import sell_at_desk
from payments.models import CashUp, Document, Order
from scheduling.desk import book_for
from tests.builders import make_order, make_package, make_runner, make_staff
from tests.portal.staff.conftest import in_group, signed_in
from tests.scheduling.builders import A_WEEK_BEFORE, TUESDAY_9

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner():
    return make_runner()


@pytest.fixture
def package():
    return make_package("five", name="Five sessions", visibility="hidden")


def form(**values) -> dict:
    return {"package": "five", "method": "cash", "key": str(uuid.uuid4())} | values


def dee() -> User:
    return User.objects.get(name="Dee Desk")


# selling -------------------------------------------------------------------------------------
def test_a_package_is_sold_from_the_runners_page_with_change(desk, runner, package):
    address = f"/staff/runners/{runner.public_id}/sale/"
    assert address in desk.get(f"/staff/runners/{runner.public_id}/").content.decode()
    assert "Five sessions" in desk.get(address).content.decode()

    done = desk.post(address, form(tendered="£300.00"), follow=True)

    order = Order.objects.get()
    assert order.is_paid
    assert order.attempts.get().recorded_by == dee()
    assert done.redirect_chain[-1][0] == f"/staff/orders/{order.public_id}/sold/?tendered=30000"
    assert "£40.00" in done.content.decode()
    assert f'href="/staff/documents/{Document.objects.get().pk}/"' in done.content.decode()


def test_two_clicks_sell_once(desk, runner, package):
    sent = form()
    for _ in range(2):
        desk.post(f"/staff/runners/{runner.public_id}/sale/", sent)

    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"package": ""}, 422, "Choose what is sold."),
        ({"package": "nothing"}, 422, "Choose what is sold."),
        ({"method": ""}, 422, "Choose how it is paid."),
        ({"method": "card"}, 422, "Choose how it is paid."),
        ({"tendered": "lots"}, 422, "Enter an amount, like 58.00."),
        ({"tendered": "1.005"}, 422, "Enter an amount, like 58.00."),
        ({"tendered": "-1"}, 422, "Enter an amount"),
        ({"tendered": "1.00"}, 409, "less cash than it costs"),
        ({"key": "x"}, 422, "Load it again."),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(desk, runner, package, values, status, says):
    answer = desk.post(
        f"/staff/runners/{runner.public_id}/sale/", form(reference="Slip 9") | values
    )

    assert answer.status_code == status
    assert says in answer.content.decode()
    assert "Slip 9" in answer.content.decode()
    assert not Order.objects.exists()


def test_an_open_order_is_paid_from_the_runners_page(desk, runner):
    order = make_order(runner, at=timezone.now())
    address = f"/staff/orders/{order.public_id}/payment/"
    assert address in desk.get(f"/staff/runners/{runner.public_id}/").content.decode()

    desk.post(address, form(method="terminal", reference="Slip 12"))

    order.refresh_from_db()
    assert order.is_paid
    again = desk.post(address, form())
    assert again.status_code == 409
    assert "Take no money" in again.content.decode()


def test_a_session_that_is_due_has_one_button(desk, practice, runner):
    make_package("single-sports-60", units=1, price_minor=5800, variants=[practice.sports_60])
    due = book_for(
        runner=runner,
        variant=practice.sports_60,
        location=practice.location,
        starts_at=TUESDAY_9,
        therapist=None,
        by=make_staff(),
        at=A_WEEK_BEFORE,
    )
    address = f"/staff/bookings/{due.public_id}/sale/"
    assert address in desk.get(f"/staff/bookings/{due.public_id}/").content.decode()

    desk.post(address, form(package="single-sports-60"))

    assert holds_credit(due.public_id)
    assert "There is nothing to pay here." in desk.get(address).content.decode()


def test_therapists_and_bookkeepers_take_no_money(bookkeeper, runner, package):
    therapist = signed_in(in_group("Therapists", name="Tess"))
    for client in (therapist, bookkeeper):
        answer = client.post(f"/staff/runners/{runner.public_id}/sale/", form())
        assert answer.status_code == 403
        sent = {"runner": str(runner.public_id), "package": "five", "method": "cash"}
        answer = client.post("/api/v1/staff/sales/", sent, content_type="application/json")
        assert answer.status_code == 404
    assert not Order.objects.exists()


def post(client, path: str, **values):
    return client.post(f"/api/v1/staff/{path}", values, content_type="application/json")


def test_the_api_sells_and_takes_payment(desk, runner, package):
    offered = desk.get("/api/v1/staff/packages/").json()
    assert [one["code"] for one in offered] == ["five"]
    key = str(uuid.uuid4())
    sale = {"runner": str(runner.public_id), "package": "five", "method": "transfer", "key": key}

    first, second = (post(desk, "sales/", **sale) for _ in range(2))

    assert first.status_code == 201
    assert first.json()["status"] == "paid"
    assert second.json()["number"] == first.json()["number"]
    order = make_order(runner, make_package(), at=timezone.now())
    assert post(desk, f"orders/{order.public_id}/payment/", method="cash").status_code == 200
    refused = post(desk, f"orders/{order.public_id}/payment/", method="cash")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_paid")
    refused = post(desk, "sales/", **sale | {"method": "card", "key": str(uuid.uuid4())})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_desk_method")


# the till ------------------------------------------------------------------------------------
def sell(by: User, price_minor: int = 5000) -> Order:
    return sell_at_desk(
        buyer=make_runner(),
        package=make_package(price_minor=price_minor),
        method="cash",
        by=by,
        at=timezone.now(),
        key=uuid.uuid4(),
    )


def count_form(person: User, counted: str, **values) -> dict:
    prefix = f"{person.public_id}-GBP"
    sent = {"person": str(person.public_id), "currency": "GBP", f"{prefix}-counted": counted}
    return sent | {f"{prefix}-{name}": value for name, value in values.items()}


def test_the_till_is_counted_on_its_page(desk):
    sell(dee())
    assert "£50.00" in desk.get("/staff/till/").content.decode()

    refused = desk.post("/staff/till/", count_form(dee(), "49.00"))
    assert refused.status_code == 422
    assert "how the difference came about" in refused.content.decode()
    done = desk.post("/staff/till/", count_form(dee(), "49.00", note="Short"), follow=True)

    assert "is counted. The difference is in the books." in done.content.decode()
    assert balance_of(Role.CASH_DIFFERENCES, currency="GBP") == 100
    again = desk.post("/staff/till/", count_form(dee(), "50.00", note="Found"))
    assert again.status_code == 422
    desk.post("/staff/till/", count_form(dee(), "50.00", note="Found", again="on"))
    assert balance_of(Role.CASH_DIFFERENCES, currency="GBP") == 0


@pytest.mark.parametrize("counted", ["", "x", "-1", "1.001", "999999999999"])
def test_an_amount_that_is_none_counts_nothing(desk, counted):
    answer = desk.post("/staff/till/", count_form(dee(), counted))

    assert answer.status_code == 422
    assert not CashUp.objects.exists()


def people_shown(client) -> list[str]:
    return [row[1].text for row in client.get("/staff/till/").context["table"].rows]


def test_the_desk_sees_its_own_till_and_the_others_see_all(desk, manager, bookkeeper):
    for person in (dee(), make_staff(name="Ada Other")):
        sell(person)

    assert people_shown(desk) == ["Dee Desk"]
    assert people_shown(bookkeeper) == ["Ada Other", "Dee Desk"]
    assert people_shown(manager) == ["Ada Other", "Dee Desk", "Max Manager"]
    other = User.objects.get(name="Ada Other")
    assert desk.post("/staff/till/", count_form(other, "50.00")).status_code == 404
    assert post(desk, "till/", on="2026-03-10", counted_minor=0, person=str(other.public_id))
    assert not CashUp.objects.exists()


def test_the_file_is_the_page(desk):
    sell(dee())
    rows = list(csv.DictReader(io.StringIO(desk.get("/staff/till.csv").content.decode())))

    assert [(row["Person"], row["Should be there"], row["Counted"]) for row in rows] == [
        ("Dee Desk", "50.00", "")
    ]


@pytest.mark.parametrize("on", ["", "soon", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_any_day_opens(desk, on):
    assert desk.get("/staff/till/", {"on": on}).status_code == 200


def test_a_day_to_come_cannot_be_counted(desk):
    answer = desk.post("/staff/till/?on=2999-01-01", count_form(dee(), "0"))
    assert answer.status_code == 422


def test_the_till_costs_the_same_with_more_people(bookkeeper):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            bookkeeper.get("/staff/till/")
        return len(queries)

    sell(make_staff())
    cost()  # the first look warms what is kept between requests
    before = cost()
    for _ in range(3):
        sell(make_staff())
    assert cost() == before


def test_the_api_counts_a_till(desk):
    sell(dee())
    today = timezone.localdate().isoformat()

    refused = post(desk, "till/", on=today, counted_minor=4900)
    done = post(desk, "till/", on=today, counted_minor=4900, note="Short")

    assert (refused.status_code, refused.json()["code"]) == (409, "note_missing")
    assert (done.json()["expected_minor"], done.json()["difference_minor"]) == (5000, -100)
    [read] = desk.get("/api/v1/staff/till/").json()
    assert read["counted_minor"] == 4900
