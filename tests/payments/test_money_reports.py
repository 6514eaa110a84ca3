"""The reports of a month's end: March as the month of the proof has it, told by each of them.

Ana has bought five for 260.00 without tax; Ben four for 240.00 with tax at the sale; Cleo three
for 120.00 with tax at each session; Dan three for 100.00, Eva two for 90.00, Hana ten for 480.00;
Finn has paid 60.01 in cash, and let it expire.
"""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.attributing import Source
from payments.cashing_up import cash_up
from payments.chart import Role
from payments.crediting import expire_due, transfer_units
from payments.exporting import REPORTS, Asked
from payments.invariants.base import moved_on
from payments.models import (
    BookRules,
    CreditLot,
    JournalLine,
    Mismatch,
    PaymentAttempt,
    ServiceVariant,
)
from payments.period_end import close_period
from payments.posting.reversing import post_correction
from scheduling.changing import record
from scheduling.day import complete, mark_no_show
from scheduling.models import BookingChange
from scheduling.paying import top_up_for_hold
from tests.builders import (
    NOON,
    make_goodwill,
    make_lot,
    make_order,
    make_package,
    make_runner,
    make_staff,
    pay_at_the_desk,
)
from tests.payments.test_exchange import sold_in_euros
from tests.scheduling.builders import book, hold, make_practice
from tests.scheduling.proving.month import a_month

THURSDAY_10 = datetime(2026, 3, 12, 10, tzinfo=UTC)
MARCH = Asked(date(2026, 3, 1), date(2026, 4, 1))


def rows_of(name: str, asked: Asked = MARCH) -> list[dict]:
    export = REPORTS[name]
    names = [column.name for column in export.columns]
    return [dict(zip(names, row, strict=True)) for row in export.read(asked)]


def in_the_journal(*roles: Role) -> int:
    """Credits less debits of accounts in March."""
    lines = JournalLine.objects.filter(MARCH.span.within("entry__effective_at"))
    return -sum(lines.aggregate(net=moved_on(role.code))["net"] for role in roles)


REVENUE = (Role.SESSION_REVENUE, Role.LATE_REVENUE, Role.BREAKAGE, Role.SUSPENSE_REVENUE)


@pytest.fixture
def month(shop):
    return a_month(shop)


def test_a_whole_month_adds_up_in_every_report(month):
    [bridge] = rows_of("earned_and_cash")
    assert (bridge["cash_in"], bridge["refunds"], bridge["disputes"]) == (135001, -3334, -9000)
    assert bridge["revenue"] == in_the_journal(*REVENUE) == 28935
    assert bridge["tax"] == in_the_journal(Role.TAX_PAYABLE) == 5667
    assert bridge["owed_in_sessions_change"] == in_the_journal(Role.DEFERRED) == 86732
    # Owed beside sessions: 13.33 of tax for Cleo's two sessions to come.
    assert bridge["owed_otherwise_change"] == 1333
    assert bridge["difference"] == 0

    for by in ("service", "therapist", "location"):
        rows = rows_of(f"revenue_by_{by}")
        assert sum(row["revenue"] for row in rows) == 28935
        assert sum(row["session_revenue"] for row in rows) == in_the_journal(Role.SESSION_REVENUE)
        assert rows[-1][by] == "No session"
        assert (rows[-1]["expired_credits"], rows[-1]["breakage"]) == (2, 5001)
    [service, _] = rows_of("revenue_by_service")
    assert (service["sessions"], service["session_revenue"]) == (3, 5200 + 5000 + 3334)
    assert (service["late_sessions"], service["late_revenue"]) == (2, 2 * 5200)

    assert [tuple(row.values()) for row in rows_of("tax")] == [
        ("0.00", "sale", "GBP", 26000 + 10000 - 3334 + 9000 - 9000 + 48000, 0),
        ("20.00", "redemption", "GBP", 3334, 667),
        ("20.00", "sale", "GBP", 20000 + 5001, 5000),
    ]

    # 1.5 % and 25p of each card payment, 20.00 of each dispute; nothing of cash.
    [card, cash, dispute, everything] = rows_of("fees")
    assert tuple(card.values()) == ("card", "GBP", 6, 129000, 2085, "1.62")
    assert tuple(cash.values()) == ("cash", "GBP", 1, 6001, 0, "0.00")
    assert (dispute["fees"], dispute["effective_percent"]) == (4000, "")
    assert everything["fees"] == 6085 == -in_the_journal(Role.FEES, Role.DISPUTE_FEES)

    pay = rows_of("therapist_pay")
    assert sum(row["base"] for row in pay) == in_the_journal(Role.SESSION_REVENUE)
    assert sum(row["sessions"] for row in pay) == 3


@pytest.fixture
def practice(db):
    return make_practice()


def test_a_free_session_counts_and_is_worth_nothing(practice):
    runner = make_runner()
    make_goodwill(runner, units=2, variants=[practice.sports_60])
    done = book(practice, runner, THURSDAY_10, at=NOON)
    missed = book(practice, runner, THURSDAY_10.replace(hour=14), at=NOON)
    complete(booking=done, by=None, at=done.ends_at)
    mark_no_show(booking=missed, by=None, at=missed.ends_at)

    asked = Asked(None, date(2027, 1, 1))
    [row] = rows_of("revenue_by_therapist", asked)
    assert (row["sessions"], row["late_sessions"], row["revenue"]) == (1, 1, 0)
    [pay] = rows_of("therapist_pay", asked)
    assert (pay["sessions"], pay["base"]) == (1, 0)


def test_what_stays_owed_after_its_end_is_no_revenue_and_the_bridge_still_holds(db):
    BookRules.objects.create(breakage=BookRules.Breakage.OWED)
    make_lot(units=2, price_minor=6000, validity_days=3)
    expire_due(at=NOON.replace(day=20))

    [bridge] = rows_of("earned_and_cash")
    assert (bridge["revenue"], bridge["owed_in_sessions_change"]) == (0, 0)
    assert bridge["owed_otherwise_change"] == 6000
    assert bridge["difference"] == 0


def test_the_bridge_shows_money_that_the_journal_does_not_have(db):
    lot = make_lot(price_minor=26000)
    PaymentAttempt.objects.filter(order=lot.order_line.order).update(amount_minor=26100)

    assert rows_of("earned_and_cash")[0]["difference"] == 100


def test_a_correction_by_hand_shows_in_the_bridge_as_other(db):
    bo = make_staff(name="Bo Books")
    post_correction(
        key="one",
        debit=Role.BAD_DEBT,
        credit=Role.TAX_PAYABLE,
        amount_minor=700,
        currency="GBP",
        effective_at=NOON,
        by=bo,
        at=NOON,
        reason="Found by the accountant",
    )

    [bridge] = rows_of("earned_and_cash")
    assert (bridge["other"], bridge["tax"], bridge["difference"]) == (700, 700, 0)
    assert [tuple(row.values()) for row in rows_of("tax")] == [("", "by hand", "GBP", 0, 700)]
    [change] = rows_of("adjustments")
    assert (change["what"], change["who"]) == ("books correction", "Bo Books")
    assert (change["reason"], change["amount"]) == ("Found by the accountant", 700)


def test_the_bridge_holds_in_both_currencies_of_an_exchange(db):
    sold_in_euros()

    euros, pounds = rows_of("earned_and_cash")
    assert (euros["currency"], euros["cash_in"], euros["other"]) == ("EUR", 10000, -10000)
    assert (pounds["currency"], pounds["cash_in"], pounds["other"]) == ("GBP", 0, 8600)
    assert (euros["difference"], pounds["difference"]) == (0, 0)
    [card, _] = rows_of("fees")
    assert (card["currency"], card["taken"], card["fees"]) == ("GBP", 8600, 154)


def test_a_top_up_is_earned_and_taxed_beside_its_credit(practice):
    runner = make_runner()
    make_lot(runner, units=1, price_minor=3000, variants=[practice.sports_30])
    ServiceVariant.objects.update(tax_rate_bp=2000)
    practice.sports_60.refresh_from_db()
    held = hold(practice, THURSDAY_10, at=NOON, runner=runner)
    pay_at_the_desk(top_up_for_hold(booking=held, buyer=runner, at=NOON))
    complete(booking=held, by=None, at=held.ends_at)

    [pay] = rows_of("therapist_pay")
    assert (pay["sessions"], pay["unit_value"], pay["top_ups"]) == (1, 3000, 2000)
    assert rows_of("revenue_by_service")[0]["session_revenue"] == 5000
    assert [tuple(row.values()) for row in rows_of("tax")] == [
        ("0.00", "sale", "GBP", 3000, 0),
        ("20.00", "sale", "GBP", 2000, 400),
    ]
    [bridge] = rows_of("earned_and_cash")
    assert (bridge["cash_in"], bridge["revenue"], bridge["tax"]) == (5400, 5000, 400)
    assert bridge["difference"] == 0


def test_what_is_learnt_of_a_closed_month_counts_in_the_open_one_on_both_sides(db):
    make_lot(price_minor=26000)
    april = NOON.replace(month=4)
    close_period(ends_on=date(2026, 3, 31), by=make_staff(), at=april)
    make_lot(price_minor=9000, at=NOON.replace(day=20))

    rows = rows_of("earned_and_cash", Asked(date(2026, 3, 1), date(2027, 1, 1)))
    assert [(row["month"], row["cash_in"], row["difference"]) for row in rows] == [
        ("2026-03", 26000, 0),
        ("2026-04", 9000, 0),
    ]


def test_months_stand_apart(db):
    make_lot(price_minor=26000)
    make_lot(price_minor=9000, at=NOON.replace(month=4))

    rows = rows_of("earned_and_cash", Asked(date(2026, 3, 1), date(2026, 5, 1)))
    assert [(row["month"], row["cash_in"]) for row in rows] == [
        ("2026-03", 26000),
        ("2026-04", 9000),
    ]


def test_the_till_says_what_was_taken_and_counted(db):
    dee, bo = make_staff(name="Dee Desk"), make_staff(name="Bo Books")
    order = make_order(package=make_package(price_minor=6000))
    pay_at_the_desk(order)
    PaymentAttempt.objects.filter(order=order).update(recorded_by=dee)
    cash_up(
        person=dee,
        on=NOON.date(),
        currency="GBP",
        counted_minor=5900,
        note="A pound short",
        by=bo,
        at=NOON.replace(hour=18),
    )

    [row] = rows_of("cash_up")
    assert (row["on"], row["person"], row["counted_by"]) == (NOON.date(), "Dee Desk", "Bo Books")
    assert (row["cash"], row["counted"], row["difference"]) == (6000, 5900, -100)


def test_adjustments_have_a_name_and_a_reason(db):
    sam = make_staff(name="Sam Reed")
    lot = make_lot(units=3, price_minor=9000)
    transfer_units(
        lot=lot,
        units=1,
        to=make_runner(name="Gil Hart"),
        reason="For a friend",
        by=sam,
        at=NOON,
        source="transfer:one",
    )

    rows = rows_of("adjustments")
    assert [(row["what"], row["who"], row["reason"]) for row in rows] == [
        ("credits transferred", "Sam Reed", "For a friend")
    ] * 2
    assert sorted(row["amount"] for row in rows) == [-3000, 3000]


def test_a_rule_set_aside_for_a_session_is_among_them(practice):
    sam = make_staff(name="Sam Reed")
    lot = make_lot(variants=[practice.sports_60])
    booking = book(practice, lot.owner, THURSDAY_10, at=NOON)
    record(
        booking,
        kind=BookingChange.Kind.MOVED,
        before=booking.state,
        at=NOON,
        by=sam,
        reason="She is in pain",
        details={"overrides": ["turnaround"]},
    )

    [row] = rows_of("adjustments")
    assert (row["what"], row["who"]) == ("rules set aside: turnaround", "Sam Reed")
    assert (row["reason"], row["booking"]) == ("She is in pain", booking.public_id)


def test_an_article_is_told_what_it_sold_and_what_of_it_was_used(practice):
    five = make_package(units=5, price_minor=26000, variants=[practice.sports_60])
    read = make_order(package=five, source=Source(41, "/blog/sore-calves/", "Sore calves"))
    pay_at_the_desk(read)
    pay_at_the_desk(make_order(package=five))
    lot = CreditLot.objects.get(order_line__order=read)
    friend = make_runner(name="Gil Hart")
    transfer_units(
        lot=lot, units=2, to=friend, reason="A gift", by=None, at=NOON, source="transfer:one"
    )
    done = book(practice, friend, THURSDAY_10, at=NOON)
    complete(booking=done, by=None, at=done.ends_at)

    rows = rows_of("articles", Asked(None, date(2027, 1, 1)))
    assert [tuple(row.values()) for row in rows] == [
        ("No article", "GBP", 1, 26000, 5, 0),
        ("/blog/sore-calves/", "GBP", 1, 26000, 5, 1),
    ]


def test_a_mismatch_grows_older_until_it_is_settled(db):
    seen = datetime(2026, 3, 1, 12, tzinfo=UTC)
    values = {"code": "M08", "severity": "warning", "currency": "GBP", "first_seen_at": seen}
    Mismatch.objects.create(about="re_open", **values)
    Mismatch.objects.create(
        about="re_done", status="resolved", resolved_at=seen.replace(day=4), **values
    )

    ages = {row["about"]: (row["age_days"], row["within"]) for row in rows_of("mismatch_ageing")}
    assert ages == {"re_open": (30, "a month"), "re_done": (3, "a week")}


@pytest.mark.parametrize("name", REPORTS)
def test_the_number_of_queries_does_not_grow(practice, name):
    def some(number: int) -> None:
        for _ in range(number):
            lot = make_lot(units=2, price_minor=6000, tax_rate_bp=2000, validity_days=3)
            transfer_units(
                lot=lot,
                units=1,
                to=make_runner(),
                reason="A gift",
                by=None,
                at=NOON,
                source=f"transfer:{lot.pk}",
            )

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            list(REPORTS[name].read(MARCH))
        return len(asked)

    some(1)
    before = questions()
    some(6)
    assert questions() == before
