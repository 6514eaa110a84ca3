"""The figures a bookkeeper would check, bought through the local Stripe server."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from payments import polling
from payments.crediting import expire_due
from payments.mismatching import open_mismatch
from payments.models import (
    BalanceTransaction,
    BookRules,
    CreditLot,
    JournalEntry,
    Mismatch,
    Order,
    Payout,
    Period,
)
from payments.reconciling import payout_detail, summary
from portal.staff.tables import Table
from scheduling.day import complete
from tests.builders import make_goodwill, make_lot, make_order, make_package, make_runner
from tests.scheduling.builders import TUESDAY_10, book, make_practice

MARCH = "2026-03"
NEXT_MONTH = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    """Somebody looks in April; Stripe's clock is the tests' own."""
    with time_machine.travel(NEXT_MONTH) as traveller:
        yield traveller


@pytest.fixture
def practice(db):
    return make_practice()


@pytest.fixture
def sold(shop, practice):
    """Two packages of five for 260.00 each, paid on 10 March, in the bank some days later."""
    package = make_package(units=5, price_minor=26000, variants=[practice.sports_60])
    for name in ("Ana Ortiz", "Ben Adeyemi"):
        shop.paid_checkout(shop.order(make_runner(name=name), package))
    shop.sandbox.advance("10d")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)
    return shop


def figures(page: str) -> dict[str, str]:
    """The terms of the equation as they are read."""
    found = re.findall(r'<span class="what">([^<]+)</span><b>(?:<a[^>]*>)?([^<]+)<', page)
    return dict(found)


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode())))


def on_screen(table: Table) -> list[list[str]]:
    return [[cell.in_file for cell in row] for row in table.rows]


def test_the_equation_holds_to_the_penny(bookkeeper, sold):
    page = bookkeeper.get(f"/staff/reconciliation/?month={MARCH}").content.decode()

    fees = sum(BalanceTransaction.objects.money_movements().values_list("fee_minor", flat=True))
    paid_out = Payout.objects.get()
    assert fees > 0
    assert figures(page) == {
        "On its way before": "£0.00",
        "Taken": "£520.00",
        "Refunded": "£0.00",
        "Fees": f"£{fees / 100:.2f}",
        "Paid out": f"£{(52000 - fees) / 100:.2f}",
        "On its way": "£0.00",
    }
    assert paid_out.amount_minor == 52000 - fees
    assert re.search(r'id="residual">0\.00<', page)
    assert "It holds" in page


def test_all_time_has_no_opening_term(bookkeeper, sold):
    page = bookkeeper.get("/staff/reconciliation/?month=all").content.decode()

    assert "On its way before" not in figures(page)
    assert figures(page)["Taken"] == "£520.00"


@pytest.mark.parametrize("odd", ["", "2026-13", "nonsense", "0001-01", "2026-02-30"])
def test_an_odd_month_is_this_month(bookkeeper, db, odd):
    assert "April 2026" in bookkeeper.get(f"/staff/reconciliation/?month={odd}").content.decode()


@pytest.mark.parametrize("name", ["opening", "taken", "refunded", "fees", "other", "on-its-way"])
@pytest.mark.parametrize("day", [0, 3])
def test_the_rows_behind_a_figure_add_up_to_it(bookkeeper, shop, practice, name, day):
    shop.paid_checkout(shop.order(package=make_package()))
    shop.sandbox.advance("1h")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)
    shop.sandbox.advance(f"{day}d" if day else "1m")
    polling.sync_payouts(at=shop.at)

    for month in (MARCH, "2026-04", "all"):
        books = bookkeeper.get(f"/staff/reconciliation/?month={month}").context["page"].books
        figure = bookkeeper.get(f"/staff/transactions/?of={name}&month={month}").context["figure"]
        field = {"on-its-way": "on_its_way_minor"}.get(name, f"{name}_minor")
        assert figure.total_minor == getattr(books, field)


def test_an_unknown_figure_is_not_found(bookkeeper, db):
    assert bookkeeper.get("/staff/transactions/?of=luck").status_code == 404
    assert bookkeeper.get("/staff/credits/?what=luck").status_code == 404


def test_a_payout_opens_into_order_lot_and_sessions_and_back(bookkeeper, sold, practice):
    order = Order.objects.order_by("pk").first()
    lot = CreditLot.objects.get(order_line__order=order)
    CreditLot.objects.filter(pk=lot.pk).update(expires_on=date(2027, 3, 1))
    booking = book(practice, order.buyer, TUESDAY_10, at=TUESDAY_10 - timedelta(days=7))
    payout = Payout.objects.get()

    page = bookkeeper.get(f"/staff/payouts/{payout.pk}/").content.decode()
    assert re.search(r'id="residual">0\.00<', page)
    for address in (
        f"/staff/orders/{order.public_id}/",
        f"/staff/lots/{lot.public_id}/",
        f"/staff/runners/{order.buyer.public_id}/",
        f"/staff/bookings/{booking.public_id}/",
    ):
        assert f'href="{address}"' in page
    on_order = bookkeeper.get(f"/staff/orders/{order.public_id}/").content.decode()
    assert f'href="/staff/payouts/{payout.pk}/"' in on_order
    assert f'href="/staff/bookings/{booking.public_id}/"' in on_order
    assert f'id="lot-{lot.public_id}"' in on_order
    on_booking = bookkeeper.get(f"/staff/bookings/{booking.public_id}/").content.decode()
    assert f'href="/staff/orders/{order.public_id}/"' in on_booking


def test_the_payout_page_and_the_domain_tell_the_same(bookkeeper, sold):
    payout = Payout.objects.get()
    page = bookkeeper.get(f"/staff/payouts/{payout.pk}/").context["page"]
    detail = payout_detail(payout.pk)

    assert page.residual_minor == detail.residual_minor == 0
    labels = [column.label for column in page.transactions.columns]
    for label, name in (("Transaction", "transaction"), ("Order", "order")):
        shown = [row[labels.index(label)].text for row in page.transactions.rows]
        assert shown == [getattr(line, name) for line in detail.lines]


def test_the_payout_file_has_the_rows_of_the_screen(bookkeeper, sold):
    payout = Payout.objects.get()
    page = bookkeeper.get(f"/staff/payouts/{payout.pk}/").context["page"]
    header, *rows = rows_of(bookkeeper.get(f"/staff/payouts/{payout.pk}/lines.csv"))

    assert header[-1] == "Currency"
    assert [row[:-1] for row in rows] == on_screen(page.transactions)
    net = sum(round(float(row[header.index("Net")]) * 100) for row in rows)
    assert net == payout.amount_minor
    assert {row[-1] for row in rows} == {"GBP"}


def test_what_is_owed_is_the_sum_of_the_lots(bookkeeper, sold, practice):
    order = Order.objects.order_by("pk").first()
    session = datetime(2026, 3, 24, 10, tzinfo=UTC)
    booking = book(practice, order.buyer, session, at=session - timedelta(days=7))
    complete(booking=booking, by=None, at=session)

    page = bookkeeper.get(f"/staff/reconciliation/?month={MARCH}").content.decode()
    assert '<b class="num" id="owed-by-books">£468.00</b>' in page
    assert '<b class="num" id="owed-by-lots">£468.00</b>' in page
    found = bookkeeper.get("/staff/lots/?on=2026-03-31").context
    assert (found["owed"].units, found["owed"].value_minor) == (9, 46800)
    assert "£468.00" in found["owed_words"]
    # The day before the session nothing was earned yet.
    before = bookkeeper.get("/staff/lots/?on=2026-03-23").context["owed"]
    assert (before.units, before.value_minor) == (10, 52000)


def test_the_roll_forward_explains_every_credit(bookkeeper, practice, db):
    at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    ana = make_runner(name="Ana Ortiz")
    make_lot(ana, units=5, price_minor=26000, variants=[practice.sports_60], at=at)
    make_lot(make_runner(), units=2, price_minor=10001, validity_days=10, at=at)
    make_goodwill(ana, units=1, variants=[practice.sports_60], at=at)
    session = datetime(2026, 3, 24, 10, tzinfo=UTC)
    complete(booking=book(practice, ana, session, at=at), by=None, at=session)
    expire_due(at=datetime(2026, 3, 25, 9, tzinfo=UTC))

    def rolled(month):
        page = bookkeeper.get(f"/staff/reconciliation/?month={month}").context["page"]
        rows = page.roll_forward.rows
        return {row[0].text: (int(row[1].in_file), row[2].in_file) for row in rows}

    march = rolled(MARCH)
    assert march["At the start"] == (0, "0.00")
    assert march["Sold"] == (7, "360.01")
    assert march["Given by us"] == (1, "0.00")
    assert march["Expired"] == (-2, "-100.01")
    assert march["Used"][0] == -1
    explained = [value for name, value in march.items() if not name.startswith("At the")]
    assert sum(units for units, _ in explained) == march["At the end"][0] == 5
    assert sum(round(float(value) * 100) for _, value in explained) == round(
        float(march["At the end"][1]) * 100
    )
    assert rolled("2026-04")["At the start"] == march["At the end"]


@pytest.mark.parametrize("what", ["sold", "given", "used", "expired", "refunded", "corrected"])
def test_the_movements_behind_a_line_add_up_to_it(bookkeeper, practice, what):
    at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    ana = make_runner(name="Ana Ortiz")
    make_lot(ana, units=3, price_minor=15000, variants=[practice.sports_60], at=at)
    make_lot(make_runner(), units=2, price_minor=10000, validity_days=10, at=at)
    session = datetime(2026, 3, 24, 10, tzinfo=UTC)
    complete(booking=book(practice, ana, session, at=at), by=None, at=session)
    expire_due(at=datetime(2026, 3, 25, 9, tzinfo=UTC))

    roll = summary(start=date(2026, 3, 1), end=date(2026, 4, 1)).credits
    found = bookkeeper.get(f"/staff/credits/?what={what}&month={MARCH}").context["found"]
    expected = {
        "sold": (5, roll.sold_minor),
        "given": (0, 0),
        "used": (1, roll.earned_minor),
        "expired": (2, roll.expired_minor),
        "refunded": (0, 0),
        "corrected": (0, 0),
    }
    assert (found.units, found.value_minor) == expected[what]
    rows = rows_of(bookkeeper.get(f"/staff/credits.csv?what={what}&month={MARCH}"))[1:]
    assert [row[:-1] for row in rows] == on_screen(found.table)


def test_the_lots_file_has_the_rows_of_the_screen_and_runs_no_formula(bookkeeper, db):
    at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    make_lot(make_runner(name="=HYPERLINK(1)"), name="@SUM(A1)", at=at)
    table = bookkeeper.get("/staff/lots/?on=2026-03-31").context["table"]
    header, [lot, owner, *figures] = rows_of(bookkeeper.get("/staff/lots.csv?on=2026-03-31"))

    [shown] = on_screen(table)
    assert (lot, owner) == ("'" + shown[0], "'" + shown[1]) == ("'@SUM(A1)", "'=HYPERLINK(1)")
    assert figures == [*shown[2:], "GBP"]
    assert figures[header.index("Owed ex tax") - 2] == "260.00"


def test_a_mismatch_is_said_in_words_and_resolved_with_a_note(bookkeeper, db):
    order = make_order()
    mismatch = Mismatch.objects.create(
        code="M07",
        about="re_9",
        amount_minor=5180,
        order=order,
        details={"charge": "ch_3Q9"},
        first_seen_at=datetime(2026, 3, 3, tzinfo=UTC),
    )
    page = bookkeeper.get("/staff/reconciliation/").content.decode()
    assert "Refunded, credits untouched" in page
    assert "£51.80" in page
    assert f'href="/staff/orders/{order.public_id}/"' in page

    address = f"/staff/mismatches/{mismatch.pk}/"
    assert bookkeeper.post(address, {"resolution": "  "}).status_code == 422
    bookkeeper.post(address, {"resolution": "Took one credit back."})
    mismatch.refresh_from_db()
    assert mismatch.status == "resolved"
    assert mismatch.resolution == "Took one credit back."
    assert (mismatch.resolved_by.name, mismatch.resolved_at.date()) == (
        "Bo Books",
        NEXT_MONTH.date(),
    )
    bookkeeper.post(address, {"resolution": "Something else."})
    mismatch.refresh_from_db()
    assert mismatch.resolution == "Took one credit back."
    assert "Refunded, credits" not in bookkeeper.get("/staff/reconciliation/").content.decode()
    assert "Took one credit" in bookkeeper.get("/staff/mismatches/?state=resolved").content.decode()


LISTS = [
    "/staff/reconciliation/?month=2026-03",
    "/staff/transactions/?of=taken&month=2026-03",
    "/staff/lots/?on=2026-03-31",
    "/staff/credits/?what=sold&month=2026-03",
    "/staff/runners/",
    "/staff/accounts/",
    "/staff/accounts/2000/?month=2026-03",
    "/staff/mismatches/",
]


@pytest.mark.parametrize("address", LISTS)
def test_more_sales_cost_no_more_queries(bookkeeper, sold, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as queries:
        bookkeeper.get(address)
    before = len(queries)
    for _ in range(3):
        sold.paid_checkout()
    sold.sandbox.advance("5d")
    sold.handle_all()
    polling.sweep_balance_transactions(at=sold.at)
    polling.sync_payouts(at=sold.at)
    assert Payout.objects.count() == 2

    with django_assert_max_num_queries(before):
        bookkeeper.get(address)


def test_a_payout_of_many_costs_no_more_queries(bookkeeper, shop, django_assert_max_num_queries):
    def paid_out(number):
        for _ in range(number):
            shop.paid_checkout()
        shop.sandbox.advance("10d")
        shop.handle_all()
        polling.sweep_balance_transactions(at=shop.at)
        polling.sync_payouts(at=shop.at)
        return Payout.objects.order_by("-created_at").first().pk

    one, three = paid_out(1), paid_out(3)
    with django_assert_max_num_queries(40) as queries:
        bookkeeper.get(f"/staff/payouts/{one}/")
    with django_assert_max_num_queries(len(queries)):
        response = bookkeeper.get(f"/staff/payouts/{three}/")

    assert len(response.context["page"].transactions.rows) == 3


# our best guess, one button --------------------------------------------------------------------
def open_one(code="M06", **values):
    return open_mismatch(
        code,
        about=values.pop("about", "MFR-000001"),
        at=datetime(2026, 3, 3, tzinfo=UTC),
        **values,
    )


def test_only_what_needs_a_person_is_shown_and_one_tap_accepts_the_guess(bookkeeper, sold):
    mismatch = open_one()
    address = f"/staff/reconciliation/?month={MARCH}"
    page = bookkeeper.get(address).content.decode()
    assert "1 thing needs you" in page
    assert "2 of 3 in March 2026 matched by itself" in page  # two sales, a payout; one late
    assert "the credit can be used for another" in page

    answer = bookkeeper.post(
        f"/staff/mismatches/{mismatch.pk}/acceptance/",
        {"key": "keep", "next": address},
        follow=True,
    )

    assert answer.redirect_chain == [(address, 302)]
    mismatch.refresh_from_db()
    assert (mismatch.status, mismatch.resolution) == ("resolved", "Kept as a credit.")
    assert mismatch.resolved_by.name == "Bo Books"
    assert "Nothing needs you" in answer.content.decode()


def test_a_tap_never_leads_to_another_site(bookkeeper, db):
    mismatch = open_one()
    answer = bookkeeper.post(
        f"/staff/mismatches/{mismatch.pk}/acceptance/", {"next": "https://evil.example/"}
    )
    assert answer["Location"] == "/staff/mismatches/"


def test_what_is_decided_elsewhere_has_a_link_and_a_refusal_says_why(bookkeeper, db):
    order = make_order()
    mismatch = open_one("M03", about="cs_1", order=order, amount_minor=100)
    page = bookkeeper.get(f"/staff/mismatches/{mismatch.pk}/").content.decode()
    assert f'href="/staff/orders/{order.public_id}/"' in page

    answer = bookkeeper.post(f"/staff/mismatches/{mismatch.pk}/acceptance/", {}, follow=True)
    assert "This is decided on its own page." in answer.content.decode()


def test_somebody_looks_after_it_and_writes_down_what_she_found(bookkeeper, db):
    mismatch = open_one()
    address = f"/staff/mismatches/{mismatch.pk}/"
    bookkeeper.post(f"{address}owner/", {"owner": "me"})
    bookkeeper.post(f"{address}comments/", {"text": "Called her twice."})
    assert bookkeeper.post(f"{address}comments/", {"text": " "}).status_code == 422

    page = bookkeeper.get(address).content.decode()
    assert "Called her twice." in page
    assert "<dd><bdi>Bo Books</bdi></dd>" in page
    assert "open for 48 days" in page
    hers = bookkeeper.get("/staff/mismatches/?mine=1").content.decode()
    assert "<bdi>Bo Books</bdi> looks after it" in hers
    bookkeeper.post(f"{address}owner/", {"owner": "nobody"})
    assert "Nothing here" in bookkeeper.get("/staff/mismatches/?mine=1").content.decode()


def test_what_was_resolved_before_stays_to_be_read(bookkeeper, db):
    first = open_one("M20", about="x")
    bookkeeper.post(f"/staff/mismatches/{first.pk}/", {"resolution": "Ran the job."})
    again = open_one("M20", about="x")

    page = bookkeeper.get(f"/staff/mismatches/{again.pk}/").content.decode()
    assert "It was here before" in page
    assert "Ran the job." in page


# days and closing ------------------------------------------------------------------------------
def test_a_day_is_shown_as_a_month_is(bookkeeper, sold):
    page = bookkeeper.get("/staff/reconciliation/?month=2026-03-10").content.decode()
    assert figures(page)["Taken"] == "£520.00"
    assert "10 March 2026" in page
    assert 'href="?month=2026-03-09"' in page
    empty = bookkeeper.get("/staff/reconciliation/?month=2026-03-11").content.decode()
    assert (figures(empty)["On its way before"], figures(empty)["Taken"]) == (
        figures(page)["On its way"],
        "£0.00",
    )
    rows = bookkeeper.get("/staff/transactions/?of=taken&month=2026-03-10").context["figure"]
    assert rows.total_minor == 52000


def test_a_day_without_exceptions_is_closed_in_two_taps(bookkeeper, sold):
    page = bookkeeper.get("/staff/reconciliation/?month=2026-03-10").content.decode()
    link = "/staff/periods/?until=2026-03-10"
    assert f'href="{link}"' in page

    closing = bookkeeper.get(link).content.decode()
    assert "Nothing critical is open." in closing
    assert "Every proof of the books holds." in closing
    assert 'value="2026-03-10"' in closing
    answer = bookkeeper.post(link, {"ends_on": "2026-03-10"}, follow=True)

    assert "closed up to 10 March 2026" in answer.content.decode()
    period = Period.objects.get()
    assert f"/staff/periods/{period.pk}/" in answer.redirect_chain[-1][0]
    assert "Stripe clearing" in answer.content.decode()
    again = bookkeeper.get("/staff/reconciliation/?month=2026-03-10").content.decode()
    assert link not in again
    assert ">Closed<" in again
    rows = rows_of(bookkeeper.get(f"/staff/periods/{period.pk}.csv"))
    assert [row[3] for row in rows if row[0] == "Sum"] == [
        row[4] for row in rows if row[0] == "Sum"
    ]


def test_what_is_critical_stops_the_closing_until_somebody_says_why(bookkeeper, sold):
    open_one("M11", about="po_x")
    form = {"ends_on": "2026-03-10"}
    answer = bookkeeper.post("/staff/periods/", form)
    assert answer.status_code == 422
    assert "one critical item is open" in answer.content.decode()
    assert Period.objects.count() == 0

    bookkeeper.post("/staff/periods/", form | {"despite": "Known: the bank was late."})
    assert "Known: the bank was late." in Period.objects.get().note


def test_the_desk_does_not_close_the_books(desk, bookkeeper, sold):
    assert desk.post("/staff/periods/", {"ends_on": "2026-03-10"}).status_code == 403
    assert desk.get("/staff/accounts/").status_code == 403


# the chart and the journal ---------------------------------------------------------------------
def test_the_chart_shows_every_account_as_the_practice_calls_it(bookkeeper, sold):
    bookkeeper.post("/staff/accounts/2000/", {"code": "3900", "name": "Prepaid sessions"})

    table = bookkeeper.get("/staff/accounts/").context["table"]
    rows = {row[0].text: row for row in table.rows}
    assert "2000" not in rows
    assert rows["3900"][1].text == "Prepaid sessions"
    assert rows["3900"][4].text == "£520.00"
    order = Order.objects.first()
    assert (
        "3900 Prepaid sessions"
        in bookkeeper.get(f"/staff/orders/{order.public_id}/").content.decode()
    )
    taken = bookkeeper.post("/staff/accounts/1000/", {"code": "3900", "name": "Bank"})
    assert taken.status_code == 422
    assert "Another account has that code." in taken.content.decode()


def test_an_account_opens_into_its_lines_and_they_into_their_entry(bookkeeper, sold):
    page = bookkeeper.get(f"/staff/accounts/2000/?month={MARCH}")
    assert len(page.context["table"].rows) == 2
    entry = JournalEntry.objects.filter(kind="sale").first()
    assert f'href="/staff/journal/{entry.pk}/"' in page.content.decode()
    rows = rows_of(bookkeeper.get(f"/staff/accounts/2000.csv?month={MARCH}"))[1:]
    assert rows == on_screen(page.context["table"])
    assert "Stripe clearing" in bookkeeper.get(f"/staff/journal/{entry.pk}/").content.decode()


def test_an_entry_is_reversed_once_with_a_reason(bookkeeper, sold):
    entry = JournalEntry.objects.filter(kind="sale").first()
    address = f"/staff/journal/{entry.pk}/"
    assert bookkeeper.post(address, {"reason": " "}).status_code == 422
    for _ in range(2):
        bookkeeper.post(address, {"reason": "Posted to the wrong year."})

    reversal = JournalEntry.objects.get(reverses=entry)
    assert (reversal.actor.name, reversal.reason) == ("Bo Books", "Posted to the wrong year.")
    assert [(line.debit, line.credit) for line in reversal.lines.all()] == [
        (line.credit, line.debit) for line in entry.lines.all()
    ]
    assert "Reverse it" not in bookkeeper.get(address).content.decode()


def test_an_amount_is_corrected_by_hand_once(bookkeeper, db):
    page = bookkeeper.get("/staff/journal/correction/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    form = {
        "debit": "5000",
        "credit": "1000",
        "amount": "12.30",
        "on": "2026-04-01",
        "reason": "Bank charge",
        "key": key,
    }
    for _ in range(2):
        bookkeeper.post("/staff/journal/correction/", form)
    entry = JournalEntry.objects.get()
    assert entry.lines.get().amount_minor == 1230
    assert entry.effective_at == datetime(2026, 3, 31, 23, tzinfo=UTC)  # midnight, summer time
    for wrong in ({"credit": "5000"}, {"amount": "0"}, {"on": "2027-01-01"}, {"reason": ""}):
        assert bookkeeper.post("/staff/journal/correction/", form | wrong).status_code == 422


def test_the_rules_of_the_books_are_decided_there(bookkeeper, db):
    bookkeeper.post("/staff/accounts/rules/", {"tax_timing": "redemption", "breakage": "owed"})
    assert BookRules.current().tax_timing == "redemption"
    bad = bookkeeper.post("/staff/accounts/rules/", {"tax_timing": "never", "breakage": "owed"})
    assert bad.status_code == 422
