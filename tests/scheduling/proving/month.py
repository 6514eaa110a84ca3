"""A month at a practice, by the portal's own acts: all that money and credits do in one.

Bought by card (without tax, with tax at the sale, with tax at each session) and in cash; sessions
done, missed, cancelled late and in time, one still to come; a gift of ours, a transfer, an expiry;
a refund of a part, one that failed, a dispute won and one lost; payouts, the last not yet made.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from payments import polling
from payments.crediting import expire_due, transfer_units
from payments.documents import issue_missing
from payments.models import BookRules, Charge, CreditLot, TaxTiming
from payments.refunding.sending import send_due
from scheduling.cancelling import cancel_booking
from scheduling.correcting import take_back
from scheduling.day import complete, mark_no_show
from scheduling.models import Booking
from tests.builders import make_goodwill, make_lot, make_package, make_runner
from tests.payments.conftest import Shop
from tests.payments.refunds import make_bookkeeper, refund
from tests.scheduling.builders import Practice, book, make_practice

FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@dataclass
class Month:
    shop: Shop
    practice: Practice
    lots: dict[str, CreditLot] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)

    def sell(self, name: str, runner: str, **values) -> CreditLot:
        """A package bought with a card, and all that Stripe tells of it."""
        package = make_package(variants=[self.practice.sports_60], **values)
        attempt = self.shop.paid_checkout(self.shop.order(make_runner(name=runner), package))
        self.shop.handle_all()
        self.lots[name] = CreditLot.objects.get(order_line__order=attempt.order)
        return self.lots[name]

    def book(self, name: str, lot: str, *, day: int, hour: int) -> Booking:
        starts_at = datetime(2026, 3, day, hour, tzinfo=UTC)
        booked = book(self.practice, self.lots[lot].owner, starts_at, at=self.shop.at)
        self.bookings[name] = booked
        return booked

    def charge_of(self, lot: str) -> str:
        order = self.lots[lot].order_line.order
        return Charge.objects.get(attempt__order=order).pk


def a_month(shop: Shop) -> Month:
    """From Tuesday 10 March, noon, to the first days of April; Stripe read at its end."""
    month = Month(shop, make_practice())
    _sales(month)
    _sessions(month)
    _adjustments(month)
    _money_back(month)
    shop.sandbox.advance("9d")
    _read_all(shop)
    issue_missing(at=shop.at)
    return month


def _sales(month: Month) -> None:
    month.sell("plain", "Ana Ortiz", units=5, price_minor=26000)
    month.sell("taxed", "Ben Adeyemi", units=4, price_minor=24000, tax_rate_bp=2000)
    BookRules.objects.create(tax_timing=TaxTiming.REDEMPTION)
    month.sell("later", "Cleo Brandt", units=3, price_minor=12000, tax_rate_bp=2000)
    BookRules.objects.all().delete()
    month.sell("odd", "Dan Eriksen", units=3, price_minor=10000)
    month.sell("lost", "Eva Fischer", units=2, price_minor=9000)
    month.lots["cash"] = make_lot(
        make_runner(name="Finn Grey"),
        units=2,
        price_minor=6001,
        tax_rate_bp=2000,
        variants=[month.practice.sports_60],
        validity_days=5,
        at=month.shop.at,
    )


def _sessions(month: Month) -> None:
    staff = make_bookkeeper(name="Sam Reed")
    month.book("done", "plain", day=12, hour=10)
    month.book("missed", "plain", day=12, hour=12)
    month.book("late", "plain", day=13, hour=9)
    month.book("in time", "taxed", day=20, hour=10)
    month.book("taken back", "taxed", day=13, hour=11)
    month.book("later", "later", day=12, hour=10)
    month.book("to come", "taxed", day=31, hour=10)
    shop = month.shop
    cancel_booking(booking=month.bookings["in time"], by=None, at=shop.at)
    shop.sandbox.advance("2d")  # Thursday 12 March, noon
    complete(booking=month.bookings["done"], by=staff, at=shop.at)
    complete(booking=month.bookings["later"], by=staff, at=shop.at)
    late = month.bookings["late"]
    cancel_booking(booking=late, by=late.runner, at=shop.at)
    shop.sandbox.advance("1h")
    mark_no_show(booking=month.bookings["missed"], by=staff, at=shop.at)
    shop.sandbox.advance("1d")
    complete(booking=month.bookings["taken back"], by=staff, at=shop.at)
    take_back(booking=month.bookings["taken back"], by=staff, at=shop.at, reason="A slip")
    complete(booking=month.bookings["taken back"], by=staff, at=shop.at)


def _adjustments(month: Month) -> None:
    at = month.shop.at
    make_goodwill(month.lots["odd"].owner, variants=[month.practice.sports_60], at=at)
    month.lots["passed on"] = transfer_units(
        lot=month.lots["later"],
        units=1,
        to=make_runner(name="Gil Hart"),
        reason="For a friend",
        by=None,
        at=at,
        source="transfer:test",
    )
    month.shop.sandbox.advance("4d")
    expire_due(at=month.shop.at)


def _money_back(month: Month) -> None:
    shop, by = month.shop, make_bookkeeper(name="Bo Books")
    # Stripe pays back out of its balance, and the last payout has emptied it.
    month.sell("second", "Hana Ito", units=10, price_minor=48000)
    refund(shop, month.lots["odd"].order_line.order, by, units=1)
    send_due(at=shop.at)
    shop.handle_all()
    shop.sandbox.next_refund("fails")
    refund(shop, month.lots["taxed"].order_line.order, by, units=1)
    send_due(at=shop.at)
    won = shop.sandbox.dispute(month.charge_of("plain"))["id"]
    lost = shop.sandbox.dispute(month.charge_of("lost"))["id"]
    shop.sandbox.advance("1d")
    shop.handle_all()
    shop.sandbox.settle_dispute(won, "won")
    shop.sandbox.settle_dispute(lost, "lost")
    shop.sandbox.advance("1d")
    shop.handle_all()


def _read_all(shop: Shop) -> None:
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)
    shop.sandbox.advance("1h")
    polling.sweep_balance_transactions(at=shop.at + timedelta(hours=1))
