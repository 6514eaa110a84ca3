"""The evidence pack of a dispute (U14): what our records say of the order, and nothing else.

Apps above add what they know through `contributes`. Everything in a pack is a date, a number, a
state or a name we gave: no words that people typed, so nothing about anybody's health.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Message
from payments.agreeing import address_of, plain_terms
from payments.days import practice_zone
from payments.models import (
    Bucket,
    CreditEntry,
    Dispute,
    Document,
    Order,
    PaymentAttempt,
    RefundRequest,
)
from payments.refunding.quoting import quote_refund
from payments.refunding.shown import WORDS, units_of
from payments.refunding.units import lots_of
from payments.refunding.words import credits, money

LONGEST = 20_000  # characters Stripe takes in one field


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the pack: when, and what our records say."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Section:
    """Facts of one kind; ``code`` is its name for programs."""

    code: str
    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """All that can be said for the payment; ``terms`` are words of ours the buyer agreed to."""

    dispute: Dispute
    order: Order
    made_at: datetime
    product: str
    terms_name: str
    terms: str
    refund_sums: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "dispute": self.dispute.pk,
            "amount_minor": self.dispute.amount_minor,
            "currency": self.dispute.currency,
            "reason": self.dispute.reason,
            "order": self.order.number,
            "buyer": {"name": self.order.buyer.name, "email": self.order.buyer.email},
            "product": self.product,
            "terms": {"version": self.terms_name, "text": self.terms},
            "refund_sums": list(self.refund_sums),
            "made_at": self.made_at.isoformat(),
            "zone": str(practice_zone()),
            "sections": [
                {
                    "code": section.code,
                    "title": section.title,
                    "facts": [
                        {"at": fact.at.isoformat(), "what": fact.what} for fact in section.facts
                    ],
                }
                for section in self.sections
            ],
        }


Contributor = Callable[[Order], Section]
_contributors: list[Contributor] = []


def contributes(fn: Contributor) -> Contributor:
    """For the apps above: a section of theirs in every pack. Called in ``ready``."""
    if fn not in _contributors:
        _contributors.append(fn)
    return fn


def pack_for(dispute: Dispute, *, at: datetime) -> Pack | None:
    """Assemble the pack from the records as they are now; None without an order."""
    attempt = dispute.charge.attempt if dispute.charge else None
    if attempt is None:
        return None
    order = Order.objects.select_related("buyer", "policy").get(pk=attempt.order_id)
    own = (_purchase, _use_of_units, _money_back, _messages)
    sections = [build(order) for build in (*own, *_contributors)]
    quote = quote_refund(order=order, at=at)
    return Pack(
        dispute=dispute,
        order=order,
        made_at=at,
        product=", ".join(line.name for line in order.lines.all()),
        terms_name=", ".join([str(order.policy), *order.agreed_texts]),
        terms=_terms(order),
        refund_sums=(quote.pro_rata_formula, quote.single_price_formula),
        sections=tuple(section for section in sections if section.facts),
    )


def _terms(order: Order) -> str:
    """The words with the values agreed to, and where the whole text stands for good."""
    addresses = [settings.SITE_URL + address_of(each) for each in order.agreed_texts]
    return "\n".join([plain_terms(order.policy), *addresses])


def bookings_of(order: Order) -> list[Any]:
    """The ids of the sessions that ever held a unit of the order, for those who know sessions."""
    entries = CreditEntry.objects.filter(lot__in=lots_of(order)).exclude(booking_id=None)
    return sorted(set(entries.values_list("booking_id", flat=True)), key=str)


# our own sections ------------------------------------------------------------------------------
def _purchase(order: Order) -> Section:
    facts = [
        Fact(order.buyer.joined_at, _("The buyer's account was made.")),
        Fact(
            order.placed_at,
            _("Order %(number)s placed for %(total)s, agreeing to %(terms)s.")
            % {
                "number": order.number,
                "total": money(order.total_minor, order.currency),
                "terms": order.policy,
            },
        ),
    ]
    paid = PaymentAttempt.objects.filter(order=order, status=PaymentAttempt.Status.PAID)
    facts += [
        Fact(one.paid_at, _("Paid: %(how)s.") % {"how": one.get_method_display().lower()})
        for one in paid
        if one.paid_at
    ]
    facts += [
        Fact(one.issued_at, f"{one.get_kind_display()} {one.label}")
        for one in Document.objects.of_order(order).select_related("entity")
    ]
    return Section("purchase", _("The purchase"), _sorted(facts))


KEPT_BACK = (CreditEntry.Kind.FREEZE, CreditEntry.Kind.THAW)


def _use_of_units(order: Order) -> Section:
    entries = CreditEntry.objects.filter(lot__in=lots_of(order)).exclude(kind__in=KEPT_BACK)
    facts = [
        Fact(
            entry.effective_at,
            f"{entry.get_kind_display()}: {credits(entry.units)} "
            f"({Bucket(entry.from_bucket).label} → {Bucket(entry.to_bucket).label})",
        )
        for entry in entries
    ]
    return Section("credits", _("Use of the credits"), _sorted(facts))


def _money_back(order: Order) -> Section:
    rows = RefundRequest.objects.filter(order=order).prefetch_related("parts")
    facts = [
        Fact(
            row.settled_at or row.requested_at,
            f"{money(row.amount_minor, row.currency)} for {credits(units_of(row.parts.all()))}: "
            f"{WORDS[RefundRequest.Status(row.status)].lower()}",
        )
        for row in rows
    ]
    return Section("refunds", _("Paid back"), _sorted(facts))


def _messages(order: Order) -> Section:
    """What we sent the buyer since the purchase: the kind of each mail, never its words."""
    sent = Message.objects.filter(user=order.buyer, sent_at__gte=order.placed_at)
    facts = [
        Fact(one.sent_at, _("Mail sent: %(kind)s") % {"kind": one.kind.replace("_", " ")})
        for one in sent
        if one.sent_at
    ]
    return Section("mails", _("Mails and reminders sent"), _sorted(facts))


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: fact.at))


# as Stripe's form wants it ---------------------------------------------------------------------
def for_stripe(pack: Pack, *, more: str = "") -> dict[str, str]:
    """The pack as the text fields of Stripe's evidence; `more` is what staff add in words."""
    by_code = {section.code: section for section in pack.sections}
    sessions = by_code.get("sessions")
    fields = {
        "product_description": pack.product,
        "customer_name": pack.order.buyer.name,
        "customer_email_address": pack.order.buyer.email,
        "service_date": str(sessions.facts[0].at.date()) if sessions else "",
        "access_activity_log": "\n".join(_log(pack)),
        "cancellation_policy_disclosure": _disclosure(pack),
        "refund_policy_disclosure": _disclosure(pack),
        "refund_refusal_explanation": "\n".join(pack.refund_sums),
        "uncategorized_text": more.strip(),
    }
    return {name: text[:LONGEST] for name, text in fields.items() if text}


def _log(pack: Pack) -> Iterator[str]:
    for section in pack.sections:
        yield f"{section.title}:"
        for fact in section.facts:
            local = fact.at.astimezone(practice_zone())
            yield f"{local:%Y-%m-%d %H:%M %Z}  {fact.what}"


def _disclosure(pack: Pack) -> str:
    agreed = pack.order.placed_at.astimezone(practice_zone())
    words = _("%(name)s, agreed to on %(day)s when the order was placed:") % {
        "name": pack.terms_name,
        "day": f"{agreed:%Y-%m-%d}",
    }
    return f"{words}\n{pack.terms}"
