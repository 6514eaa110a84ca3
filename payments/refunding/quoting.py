"""What a refund would be: both rules of P8, which one counts, and what becomes of the credits.

The token goes out with the page and comes back with the yes. Under its locks the act works the
sums out again, and refunds only if they are what was shown.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.db.models import Sum

from payments.models import Dispute, Order, OrderLine, PaymentAttempt, Policy, Refund, RefundRequest
from payments.refunding.errors import UnreadableRefundQuote
from payments.refunding.sums import LineFacts, pro_rata, single_price
from payments.refunding.units import (
    Holding,
    Share,
    booked_with,
    holdings_of,
    spread,
    total_worth,
)
from payments.refunding.words import pro_rata_words, single_price_words

GOOD_FOR = timedelta(minutes=10)
SALT = "payments.refunding"
INQUIRIES = ("warning_needs_response", "warning_under_review", "warning_closed")
HARMLESS = (*INQUIRIES, "won", "prevented")
Rule = Policy.RefundRule


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What paying back so many units of an order would be; amounts in minor units.

    ``due_minor`` is what the frozen rule says, ``amount_minor`` what is paid back: the same
    unless somebody chose otherwise. ``left_minor`` is what is left of what was paid.
    """

    order: Order
    units: int
    unused: int
    free: int
    rule: str
    pro_rata_minor: int
    pro_rata_formula: str
    single_price_minor: int
    single_price_formula: str
    due_minor: int
    amount_minor: int
    left_minor: int
    refunded_minor: int
    shares: tuple[Share, ...]
    booking_ids: tuple[uuid.UUID, ...]
    disputed: bool
    version: str
    valid_until: datetime
    token: str

    @property
    def worth_minor(self) -> int:
        """What the units taken were sold for, tax included."""
        return sum(share.gross_minor for share in self.shares)

    @property
    def difference_minor(self) -> int:
        """What is paid back above (or, negative, below) what the units were sold for."""
        return self.amount_minor - self.worth_minor

    @property
    def over_units(self) -> int:
        """Units to pay back that are used or gone already (M09)."""
        return max(0, self.units - self.unused)

    @property
    def needs_bookings_handled(self) -> bool:
        return self.over_units == 0 and self.units > self.free

    @property
    def sums(self) -> dict[str, object]:
        """Both alternatives as they were shown, to be kept with the request."""
        return {
            "pro_rata_minor": self.pro_rata_minor,
            "pro_rata": self.pro_rata_formula,
            "single_price_minor": self.single_price_minor,
            "single_price": self.single_price_formula,
            "due_minor": self.due_minor,
            "units": self.units,
            "refunded_before_minor": self.refunded_minor,
        }


@dataclass(frozen=True, slots=True)
class AgreedRefund:
    """What somebody has seen and said yes to."""

    units: int
    amount_minor: int
    version: str
    until: datetime
    nonce: str


def quote_refund(
    *, order: Order, at: datetime, units: int | None = None, amount_minor: int | None = None
) -> RefundQuote:
    """What a refund would be now; all unused units and the rule's amount unless said. No change."""
    return quote_of(order, holdings_of(order), units=units, amount_minor=amount_minor, at=at)


def quote_of(
    order: Order,
    holdings: Sequence[Holding],
    *,
    units: int | None,
    amount_minor: int | None,
    at: datetime,
) -> RefundQuote:
    unused = sum(holding.unused for holding in holdings)
    wanted = unused if units is None else max(0, units)
    shares = tuple(spread(holdings, wanted))
    refunded = refunded_minor(order)
    left = max(0, paid_minor(order) - refunded)
    worth = total_worth(shares)
    rata = pro_rata(worth_minor=worth.value_minor + worth.tax_minor, left_minor=left)
    facts = _line_facts(holdings)
    single = single_price(
        facts, refunded_minor=refunded, left_minor=left, units=wanted, unused=unused
    )
    rule = order.policy.refund_rule
    due = {Rule.PRO_RATA: rata, Rule.SINGLE_PRICE: single, Rule.NONE: 0}[Rule(rule)]
    amount = due if amount_minor is None else amount_minor
    disputed = is_disputed(order)
    version = _version(order, holdings, refunded, disputed)
    until = at + GOOD_FOR
    return RefundQuote(
        order=order,
        units=wanted,
        unused=unused,
        free=sum(holding.free for holding in holdings),
        rule=rule,
        pro_rata_minor=rata,
        pro_rata_formula=pro_rata_words(
            units=min(wanted, unused),
            values=_each(shares),
            result=rata,
            currency=order.currency,
        ),
        single_price_minor=single,
        single_price_formula=single_price_words(
            paid=sum(fact.paid_minor for fact in facts),
            gone=sum(fact.gone for fact in facts),
            gone_minor=sum(fact.gone_minor for fact in facts),
            refunded=refunded,
            result=single,
            part=(min(wanted, unused), unused),
            currency=order.currency,
        ),
        due_minor=due,
        amount_minor=amount,
        left_minor=left,
        refunded_minor=refunded,
        shares=shares,
        booking_ids=booked_with(holdings),
        disputed=disputed,
        version=version,
        valid_until=until,
        token=_token(order, wanted, amount, version, until),
    )


def read_token(token: str, order: Order) -> AgreedRefund:
    """What a token says was agreed to.

    Raises:
        UnreadableRefundQuote: it is not one of ours, or of another order.
    """
    try:
        said = signing.loads(token, salt=SALT)
        if said["order"] != str(order.public_id):
            raise UnreadableRefundQuote
        return AgreedRefund(
            units=int(said["units"]),
            amount_minor=int(said["amount"]),
            version=str(said["version"]),
            until=datetime.fromtimestamp(said["until"], tz=UTC),
            nonce=str(said["nonce"]),
        )
    except (signing.BadSignature, KeyError, TypeError, ValueError) as problem:
        raise UnreadableRefundQuote from problem


def paid_minor(order: Order) -> int:
    """What came in for the order, that its credits were given for."""
    paid = order.attempts.filter(status=PaymentAttempt.Status.PAID)
    return int(paid.aggregate(total=Sum("amount_minor", default=0))["total"])


def refunded_minor(order: Order) -> int:
    """What was paid back, or is about to be, here or at Stripe."""
    of_the_sale = RefundRequest.objects.filter(
        order=order, attempt__status=PaymentAttempt.Status.PAID
    )
    asked = of_the_sale.standing().aggregate(total=Sum("amount_minor", default=0))["total"]
    unassigned = Refund.objects.filter(
        charge__attempt__order=order,
        charge__attempt__status=PaymentAttempt.Status.PAID,
        request=None,
    ).exclude(status__in=["failed", "canceled"])
    return int(asked + unassigned.aggregate(total=Sum("amount_minor", default=0))["total"])


def is_disputed(order: Order) -> bool:
    """Whether the buyer's bank has the money of this order, or asks for it in earnest."""
    disputes = Dispute.objects.filter(charge__attempt__order=order)
    return disputes.exclude(status__in=HARMLESS).exists()


def _line_facts(holdings: Sequence[Holding]) -> list[LineFacts]:
    by_line: dict[int, list[Holding]] = {}
    for holding in holdings:
        by_line.setdefault(holding.line.pk, []).append(holding)
    return [_facts_of(of_line[0].line, of_line) for of_line in by_line.values()]


def _facts_of(line: OrderLine, holdings: Sequence[Holding]) -> LineFacts:
    return LineFacts(
        paid_minor=line.price_minor,
        single_minor=line.single_price_minor,
        units=line.units,
        gone=sum(holding.gone for holding in holdings),
    )


def _each(shares: Sequence[Share]) -> list[int]:
    """What each of the units was sold for, tax included, as the lot would let them go."""
    values = []
    for share in shares:
        each, over = divmod(share.gross_minor, share.units)
        values += [each + 1] * over + [each] * (share.units - over)
    return values


def _version(order: Order, holdings: Sequence[Holding], refunded: int, disputed: bool) -> str:
    """Changes with anything that could make the sums mean something else."""
    state = [
        str(order.public_id),
        order.status,
        refunded,
        disputed,
        [(one.lot.pk, one.free, one.reserved, one.gone, one.refunded) for one in holdings],
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:24]


def _token(order: Order, units: int, amount: int, version: str, until: datetime) -> str:
    said = {
        "order": str(order.public_id),
        "units": units,
        "amount": amount,
        "version": version,
        "until": int(until.timestamp()),
        "nonce": secrets.token_hex(8),
    }
    return str(signing.dumps(said, salt=SALT, compress=True))
