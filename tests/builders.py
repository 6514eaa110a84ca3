"""Small factories that several apps' tests share. They use the portal's own acts, so what
they build is what the portal would have built."""

import itertools
from datetime import UTC, date, datetime

from accounts.models import Message, RunnerProfile, User
from payments.crediting import grant_goodwill
from payments.models import (
    CreditLot,
    Order,
    Package,
    PaymentAttempt,
    Policy,
    Service,
    ServiceVariant,
)
from payments.selling import place_order, settle

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)  # a Tuesday, nothing special about it
_next = itertools.count(1)


def make_runner(email: str = "", name: str = "Ana Ortiz", *, at: datetime = NOON) -> User:
    user = User.objects.create_user(email or f"runner{next(_next)}@example.org", name=name)
    RunnerProfile.objects.create(user=user, created_at=at)
    return user


def make_staff(email: str = "", name: str = "Sam Reed", **values) -> User:
    return User.objects.create_user(
        email or f"staff{next(_next)}@example.org", name=name, is_staff=True, **values
    )


def make_policy(code: str = "terms", version: int = 1, **values) -> Policy:
    policy, _ = Policy.objects.get_or_create(
        code=code,
        version=version,
        defaults={"effective_from": date(2020, 1, 1), "summary": "Free until 24 hours before."}
        | values,
    )
    return policy


def make_service(code: str = "sports", name: str = "Sports massage", **values) -> Service:
    service, _ = Service.objects.get_or_create(code=code, defaults={"name": name} | values)
    return service


def make_variant(code: str = "", *, minutes: int = 60, price_minor: int = 5800, **values):
    service = values.pop("service", None) or make_service()
    variant, _ = ServiceVariant.objects.get_or_create(
        code=code or f"{service.code}-{minutes}",
        defaults={"service": service, "duration_minutes": minutes, "price_minor": price_minor}
        | values,
    )
    return variant


def make_package(
    code: str = "", *, units: int = 5, price_minor: int = 26000, variants=None, **values
) -> Package:
    package = Package.objects.create(
        code=code or f"package-{next(_next)}",
        name=values.pop("name", f"{units} sessions"),
        units=units,
        price_minor=price_minor,
        policy=values.pop("policy", None) or make_policy(),
        **values,
    )
    package.variants.set(variants or [make_variant()])
    return package


def make_order(buyer: User | None = None, package: Package | None = None, *, at=NOON, **values):
    return place_order(
        buyer=buyer or make_runner(), package=package or make_package(), at=at, **values
    )


def pay_at_the_desk(order: Order, *, at: datetime = NOON) -> list[CreditLot]:
    """Settle an order in cash: credits, books and signals as by card, without Stripe."""
    attempt = PaymentAttempt.objects.create(
        order=order,
        number=order.attempts.count() + 1,
        method=PaymentAttempt.Method.CASH,
        amount_minor=order.total_minor,
        currency=order.currency,
        idempotency_key=f"desk:{order.public_id}",
        created_at=at,
    )
    return settle(order=order, attempt=attempt, at=at)


def make_lot(
    owner: User | None = None,
    *,
    units: int = 5,
    price_minor: int = 26000,
    variants=None,
    validity_days: int = 365,
    at: datetime = NOON,
    **values,
) -> CreditLot:
    """A lot that was bought and paid for, its receipt sent; `values` go to its package."""
    package = make_package(
        units=units,
        price_minor=price_minor,
        variants=variants,
        validity_days=validity_days,
        **values,
    )
    [lot] = pay_at_the_desk(make_order(owner, package, at=at), at=at)
    Message.objects.filter(kind="receipt", user=lot.owner).delete()
    return lot


def make_goodwill(owner: User, *, units: int = 1, variants=None, at=NOON, **values) -> CreditLot:
    make_policy()
    return grant_goodwill(
        owner=owner,
        variants=variants or [make_variant()],
        units=units,
        reason=values.pop("reason", "We were late."),
        by=values.pop("by", None) or make_staff(),
        at=at,
        expires_on=values.pop("expires_on", date(2027, 3, 10)),
    )
