"""How often one person may buy: a package with a limit, an introductory offer, once each."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from payments.mismatching import open_mismatch
from payments.models import IntroductoryPurchase, Order, Package, PaymentAttempt
from payments.selling_errors import IntroductoryUsed, LimitReached, NotVerified


def require_may_buy(
    *, buyer: User, package: Package, but: Order | None = None, at_desk: bool = False
) -> None:
    """Refuse what this person has bought as often as she may, the order ``but`` not counted.

    The caller has locked the buyer. Her unpaid orders do not count: opening one's checkout
    closes the others first, so only one of them can be paid.

    Raises:
        LimitReached, IntroductoryUsed: she has had it, or its payment is on its way.
        NotVerified: nobody has shown that the address is hers.
    """
    if package.is_introductory:
        _require_first(buyer, but, at_desk)
    most = package.most_per_person
    if most is not None and _taken(buyer, Q(lines__package=package), but).count() >= most:
        raise LimitReached(
            ngettext(
                "You have bought this package already. It is once for each person.",
                "You have bought this package %(count)s times, as often as one person may.",
                most,
            )
            % {"count": most}
        )


def _require_first(buyer: User, but: Order | None, at_desk: bool) -> None:
    had = IntroductoryPurchase.objects.filter(person=buyer)
    had = had.exclude(order=but) if but else had
    if had.exists() or _taken(buyer, Q(lines__package__is_introductory=True), but).exists():
        raise IntroductoryUsed(_("You have had an introductory offer. It is once for each person."))
    proved = EmailAddress.objects.filter(user=buyer, verified=True)
    if not at_desk and not proved.exists():
        raise NotVerified(_("This offer is once for each person. Confirm your address first."))


def _taken(buyer: User, which: Q, but: Order | None) -> "QuerySet[Order]":
    """Her orders that are paid, or whose money is on its way."""
    on_its_way = PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PROCESSING)
    counted = Q(status=Order.Status.PAID) | Q(pk__in=on_its_way.values("order"))
    orders = Order.objects.of(buyer).filter(which, counted)
    return (orders.exclude(pk=but.pk) if but else orders).distinct()


def rivals_of(order: Order) -> list[Order]:
    """Open orders of which only one may be paid, this one left out."""
    packages = Package.objects.filter(lines__order=order)
    only_one = Q()
    if order.reserved_for is not None:
        only_one |= Q(reserved_for=order.reserved_for)
    if order.promotion is not None and order.promotion.is_limited:
        only_one |= Q(buyer=order.buyer_id, promotion=order.promotion_id)
    for package in packages:
        if package.most_per_person is not None:
            only_one |= Q(buyer=order.buyer_id, lines__package=package)
        if package.is_introductory:
            only_one |= Q(buyer=order.buyer_id, lines__package__is_introductory=True)
    if not only_one:
        return []
    return list(Order.objects.open().filter(only_one).exclude(pk=order.pk).distinct())


def note_introductory(*, order: Order, at: datetime) -> None:
    """The order is paid: it was this person's introductory offer.

    A second one that was paid all the same, against our refusals, keeps its credits, as its money
    came; staff decide, as with money that comes too late (M06).
    """
    if not order.lines.filter(package__is_introductory=True).exists():
        return
    kept, _made = IntroductoryPurchase.objects.get_or_create(
        person_id=order.buyer_id, defaults={"order": order, "bought_at": at}
    )
    if kept.order_id != order.pk:
        open_mismatch(
            "M06",
            about=f"introductory:{order.number}",
            at=at,
            amount_minor=order.total_minor,
            currency=order.currency,
            order=order,
            details={
                "why": "A second introductory offer of one person. Refund it, or let it be.",
                "first": kept.order.number,
            },
        )
