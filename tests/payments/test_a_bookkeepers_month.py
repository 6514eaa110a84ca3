"""March, as a bookkeeper would tell it: what happened, and the trial balance after it.

Debits are positive. Stripe takes 1.5 % and 25p of each card payment and 20.00 of each dispute,
and gives neither back. Tax, where there is any, is 20 % and owed at the sale. Stripe pays out every
day; "at Stripe" is what its clearing account and the bank in transit have together.
"""

import uuid
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from payments import banking, polling
from payments.crediting import expire_due, extend_lot
from payments.days import practice_day
from payments.invariants import breaches
from payments.models import BankLine, Charge, CreditLot, Dispute, Mismatch, Payout, RefundRequest
from payments.money import major
from payments.period_end import close_period
from payments.reconciling import check_mismatches, summary
from scheduling.cancelling import cancel_booking
from scheduling.day import complete, mark_no_show
from tests.builders import make_order, make_package, make_runner, pay_at_the_desk
from tests.payments.refunds import make_bookkeeper, refund, sums
from tests.scheduling.builders import book, make_practice

ACCOUNTS = {
    "STRIPE_CLEARING": "At Stripe",
    "CASH_DRAWER": "Cash drawer",
    "BANK": "Bank",
    "BANK_IN_TRANSIT": "At Stripe",
    "DISPUTES_RECEIVABLE": "Disputes receivable",
    "DEFERRED": "Deferred sessions",
    "TAX_PAYABLE": "Tax payable",
    "REFUNDS_OWED": "Refunds owed",
    "SESSION_REVENUE": "Session revenue",
    "LATE_REVENUE": "Late cancellations",
    "BREAKAGE": "Breakage",
    "FEES": "Fees",
    "DISPUTE_FEES": "Dispute fees",
    "BAD_DEBT": "Bad debt",
}


class Month:
    """The practice, its Stripe and its calendar."""

    def __init__(self, shop) -> None:
        self.shop = shop
        self.practice = make_practice()
        self.bo = make_bookkeeper(name="Bo Books")
        self.to(2, 8)
        self.five = self.package("five", units=5, price_minor=30000, tax_rate_bp=2000)
        self.three = self.package("three", units=3, price_minor=10000)
        self.single = self.package("single", units=1, price_minor=5800, validity_days=7)

    def package(self, code, **values):
        return make_package(code, variants=[self.practice.sports_60], **values)

    def to(self, day: int, hour: int = 12) -> None:
        """On to a moment of March; the portal hears what Stripe has to tell by then."""
        moment = datetime(2026, 3, day, hour, tzinfo=UTC)
        self.shop.sandbox.set_clock(moment, freeze=True)
        self.hear()

    def hear(self) -> None:
        self.shop.handle_all()
        polling.sweep_balance_transactions(at=self.shop.at)
        polling.sync_payouts(at=self.shop.at)

    def sells(self, package, name: str, card: str = "4242424242424242"):
        runner = make_runner(name=name, at=self.shop.at)
        attempt = self.shop.checkout(self.shop.order(runner, package))
        assert self.shop.sandbox.pay(attempt.stripe_session_id, card=card)["outcome"] == "paid"
        self.shop.sandbox.advance("1h")
        self.hear()
        attempt.order.refresh_from_db()
        return attempt.order

    def books(self, order, day: int, hour: int = 9):
        starts_at = datetime(2026, 3, day, hour, tzinfo=UTC)
        return book(self.practice, order.buyer, starts_at, at=self.shop.at)

    def done(self, *bookings) -> None:
        for booking in bookings:
            if booking.ends_at > self.shop.at:
                self.shop.sandbox.set_clock(booking.ends_at, freeze=True)
            complete(booking=booking, by=None, at=self.shop.at)

    def charge(self, order) -> Charge:
        return Charge.objects.get(attempt__order=order)

    def proved(self) -> "Month":
        """Every rule of the books holds, and the equation comes out to the penny."""
        assert breaches() == []
        assert summary().holds
        return self

    @property
    def trial_balance(self) -> dict[str, Decimal]:
        found = sums()
        assert sum(found.values()) == 0
        totals: dict[str, int] = defaultdict(int)
        for name, minor in found.items():
            totals[ACCOUNTS[name]] += minor
        return {name: major(minor, "GBP") for name, minor in totals.items() if minor}


def pounds(**amounts: str) -> dict[str, Decimal]:
    names = {name.lower().replace(" ", "_"): name for name in ACCOUNTS.values()}
    return {names[name]: Decimal(amount) for name, amount in amounts.items()}


@pytest.fixture
def month(shop) -> Month:
    shop.sandbox.reset()
    shop.sandbox.set_clock(datetime(2026, 3, 1, 9, tzinfo=UTC), freeze=True)
    return Month(shop)


def test_a_bookkeepers_month(month, shop):
    # 2 March. Ana buys five sessions for 300.00: 250.00 and 50.00 tax. The fee is 4.75.
    ana = month.sells(month.five, "Ana")
    assert month.proved().trial_balance == pounds(
        at_stripe="295.25", deferred_sessions="-250.00", tax_payable="-50.00", fees="4.75"
    )

    # Two sessions are held, one is cancelled late, to one she does not come: 50.00 each.
    held = [month.books(ana, day) for day in (3, 4)]
    late, missed = month.books(ana, 5), month.books(ana, 6)
    month.done(*held)
    assert month.proved().trial_balance == pounds(
        at_stripe="295.25",
        deferred_sessions="-150.00",
        tax_payable="-50.00",
        session_revenue="-100.00",
        fees="4.75",
    )
    month.to(5, 8)
    cancel_booking(booking=late, by=ana.buyer, at=shop.at)
    month.to(6, 11)
    mark_no_show(booking=missed, by=month.bo, at=shop.at)
    assert month.proved().trial_balance == pounds(
        at_stripe="295.25",
        deferred_sessions="-50.00",
        tax_payable="-50.00",
        session_revenue="-100.00",
        late_cancellations="-100.00",
        fees="4.75",
    )

    # Ben buys three for 100.00 (33.34, 33.33, 33.33), uses one, and wants the rest back: 66.66.
    month.to(9, 8)
    ben = month.sells(month.three, "Ben")
    month.done(month.books(ben, 10))
    refund(shop, ben, month.bo, units=2)
    assert month.trial_balance["Refunds owed"] == Decimal("-66.66"), "until the money has left"
    month.to(11, 8)
    assert month.proved().trial_balance == pounds(
        at_stripe="326.84",  # 295.25 + 100.00 - 1.75 - 66.66
        deferred_sessions="-50.00",
        tax_payable="-50.00",
        session_revenue="-133.34",
        late_cancellations="-100.00",
        fees="6.50",
    )

    # Cleo's bank disputes her payment and the practice wins; the bank keeps its 20.00.
    cleo = month.sells(month.five, "Cleo", card="4000000000000259")
    won = Dispute.objects.get()
    assert CreditLot.objects.get(order_line__order=cleo).status == "frozen"
    assert month.proved().trial_balance == pounds(
        at_stripe="302.09",  # + 300.00 - 4.75 - 300.00 - 20.00
        disputes_receivable="300.00",
        deferred_sessions="-300.00",
        tax_payable="-100.00",
        session_revenue="-133.34",
        late_cancellations="-100.00",
        fees="11.25",
        dispute_fees="20.00",
    )
    shop.sandbox.settle_dispute(won.pk, "won")
    month.to(12, 8)
    assert CreditLot.objects.get(order_line__order=cleo).status == "active"
    assert month.proved().trial_balance == pounds(
        at_stripe="602.09",
        deferred_sessions="-300.00",
        tax_payable="-100.00",
        session_revenue="-133.34",
        late_cancellations="-100.00",
        fees="11.25",
        dispute_fees="20.00",
    )

    # Dan has used one of five when his bank takes the 300.00 back for good: four sessions and
    # their tax are owed no more, the one he had is a bad debt.
    dan = month.sells(month.five, "Dan")
    month.done(month.books(dan, 13))
    lost = shop.sandbox.dispute(month.charge(dan).pk)
    month.to(16, 8)
    shop.sandbox.settle_dispute(lost["id"], "lost")
    month.to(17, 8)
    assert month.proved().trial_balance == pounds(
        at_stripe="577.34",  # + 300.00 - 4.75 - 300.00 - 20.00
        deferred_sessions="-300.00",  # + 250.00 - 50.00 - 200.00
        tax_payable="-110.00",  # + 50.00 - 40.00
        session_revenue="-183.34",
        late_cancellations="-100.00",
        fees="16.00",
        dispute_fees="40.00",
        bad_debt="60.00",
    )

    # Eve pays 58.00 in cash and lets her week pass.
    eve = make_order(make_runner(name="Eve"), month.single, at=shop.at)
    pay_at_the_desk(eve, at=shop.at)
    month.to(26, 8)
    assert expire_due(at=shop.at) == 1
    assert month.proved().trial_balance == pounds(
        at_stripe="577.34",
        cash_drawer="58.00",
        deferred_sessions="-300.00",
        tax_payable="-110.00",
        session_revenue="-183.34",
        late_cancellations="-100.00",
        breakage="-58.00",
        fees="16.00",
        dispute_fees="40.00",
        bad_debt="60.00",
    )

    # Fay's refund succeeds and then fails: her card is gone, her five sessions are there again.
    fay = month.sells(month.five, "Fay", card="4000000000005126")
    refund(shop, fay, month.bo, units=5)
    month.to(27, 8)
    request = RefundRequest.objects.get(order=fay)
    assert request.status == RefundRequest.Status.FAILED
    assert Mismatch.objects.open().filter(code="M08").exists(), "somebody has to ring her"
    found = month.proved().trial_balance
    assert found["Deferred sessions"] == Decimal("-550.00")
    assert found["Tax payable"] == Decimal("-160.00")
    assert found["Fees"] == Decimal("20.75")
    assert "Refunds owed" not in found

    # April. All of March has arrived at the bank; its statement says so.
    month.shop.sandbox.set_clock(datetime(2026, 4, 8, 9, tzinfo=UTC), freeze=True)
    month.hear()
    statement = "Date,Description,Amount\n" + "".join(
        f"{payout.arrival_on:%d/%m/%Y},STRIPE PAYMENTS,{major(payout.amount_minor, 'GBP')}\n"
        for payout in Payout.objects.all()
    )
    banking.import_statement(
        content=statement.encode(), file_name="march.csv", by=month.bo, at=shop.at
    )
    banking.match_sure_ones(by=month.bo, at=shop.at)
    assert not BankLine.objects.unmatched().exists()
    found = month.proved().trial_balance
    assert found == pounds(
        bank="872.59",  # 577.34 and Fay's 300.00 less 4.75
        cash_drawer="58.00",
        deferred_sessions="-550.00",
        tax_payable="-160.00",
        session_revenue="-183.34",
        late_cancellations="-100.00",
        breakage="-58.00",
        fees="20.75",
        dispute_fees="40.00",
        bad_debt="60.00",
    )

    # The books of March are closed. What is learnt later lands in April and says so.
    check_mismatches(at=shop.at)
    closed = close_period(ends_on=date(2026, 3, 31), by=month.bo, at=shop.at)
    assert closed.trial_balance
    late_lot = CreditLot.objects.get(order_line__order=eve)
    entry = extend_lot(
        lot=late_lot,
        until=practice_day(shop.at) + timedelta(days=30),
        reason="She was ill.",
        key=uuid.uuid4(),
        by=month.bo,
        at=shop.at,
    )
    assert practice_day(entry.effective_at) == practice_day(shop.at)
    month.proved()
    assert month.trial_balance["Deferred sessions"] == Decimal("-608.00")
    assert "Breakage" not in month.trial_balance
    assert summary(end=date(2026, 4, 1)).owed_minor == 55000, "March stays as it was closed"
