"""What may be shown for sale, for pages and the API: frozen values, one query each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from payments.agreeing import rules_of
from payments.days import practice_day
from payments.models import Package, Policy, ServiceVariant
from payments.rule_words import Rules, refund_words


@dataclass(frozen=True, slots=True)
class PackageOffer:
    """A package on sale; amounts in minor units, tax included."""

    code: str
    name: str
    units: int
    price_minor: int
    currency: str
    price_each_minor: int
    saving_minor: int  # against as many single sessions of the cheapest length covered
    covers: tuple[str, ...]
    variant_codes: tuple[str, ...]
    validity_days: int
    buy_url: str
    books_by: bool = False  # a session may lie after the last day, if it is booked by then (P4)
    from_first_session: bool = False  # its time counts from the first session (P5)
    refund: str = ""  # how unused sessions are refunded, a sentence from today's rules

    @property
    def validity(self) -> str:
        """Until when it counts, in words."""
        months = round(self.validity_days / 30.4)
        time = f"{months} months" if self.validity_days >= 60 else f"{self.validity_days} days"
        verb = "Book" if self.books_by else "Use"
        since = " of the first session" if self.from_first_session else ""
        return f"{verb} within {time}{since}"


@dataclass(frozen=True, slots=True)
class VariantOffer:
    """A service at one length."""

    code: str
    name: str
    duration_minutes: int
    price_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ServiceOffer:
    """A service with the lengths it is offered in, the shortest first."""

    code: str
    name: str
    summary: str
    variants: tuple[VariantOffer, ...]
    from_price_minor: int
    currency: str


def packages_on_sale(*, at: datetime, codes: Collection[str] | None = None) -> list[PackageOffer]:
    """Packages anybody may buy at the moment `at`, in the practice's order.

    Without `codes` only public packages of several sessions; with them just those, single
    sessions and private ones included, and those not on sale left out.
    """
    if codes is None:
        return _offers_of(Package.objects.shown(at).filter(units__gt=1), at)
    packages = Package.objects.on_sale(at).exclude(visibility=Package.Visibility.HIDDEN)
    return _offers_of(packages.filter(code__in=codes), at)


def everything_on_sale(*, at: datetime) -> list[PackageOffer]:
    """What anybody may buy, single sessions among it, in the practice's order."""
    return _offers_of(Package.objects.shown(at), at)


def sold_at_desk(*, at: datetime) -> list[PackageOffer]:
    """What staff may sell: everything on sale, hidden or not, in the practice's order."""
    return _offers_of(Package.objects.on_sale(at), at)


def rules_in_effect(code: str, *, on: date) -> Rules | None:
    """The rules of a code that count on a day; of all where no code is given."""
    known = Policy.objects.of_code(code) if code else Policy.objects.all()
    policy = known.current(on).first()
    return rules_of(policy) if policy else None


def rules_from(code: str, *, on: date) -> list[tuple[date, Rules]]:
    """The rules in effect on a day and every later version, each with its first day."""
    versions = list(Policy.objects.of_code(code).order_by("effective_from", "version"))
    later = [(each.effective_from, rules_of(each)) for each in versions if each.effective_from > on]
    now = rules_in_effect(code, on=on)
    return ([(on, now)] if now else []) + later


def rule_codes() -> list[str]:
    """The codes there are rules under."""
    return sorted(set(Policy.objects.values_list("code", flat=True)))


def _offers_of(packages: QuerySet[Package], at: datetime) -> list[PackageOffer]:
    terms = Policy.objects.of_code(OuterRef("package__policy__code")).current(practice_day(at))
    links = (
        Package.variants.through.objects.filter(package__in=packages)
        .annotate(
            refund_rule=Coalesce(
                Subquery(terms.values("refund_rule")[:1]), "package__policy__refund_rule"
            ),
            expiry_rule=Coalesce(
                Subquery(terms.values("expiry_rule")[:1]), "package__policy__expiry_rule"
            ),
        )
        .select_related("package", "servicevariant__service")
        .order_by(
            "package__position",
            "package__units",
            "package__name",
            "package_id",
            "servicevariant__service__position",
            "servicevariant__duration_minutes",
        )
    )
    return [
        _package_offer(package, list(rows))
        for package, rows in groupby(links, key=lambda link: link.package)
    ]


def _package_offer(package: Package, links: list[Any]) -> PackageOffer:
    """``links`` are those to its lengths, each with the rules in effect for it."""
    variants = [link.servicevariant for link in links]
    singly = min(variant.price_minor for variant in variants) * package.units
    return PackageOffer(
        code=package.code,
        name=package.name,
        units=package.units,
        price_minor=package.price_minor,
        currency=package.currency,
        price_each_minor=(2 * package.price_minor + package.units) // (2 * package.units),
        saving_minor=max(0, singly - package.price_minor),
        covers=tuple(variant.name for variant in variants),
        variant_codes=tuple(variant.code for variant in variants),
        validity_days=package.validity_days,
        buy_url=package.buy_url,
        books_by=links[0].expiry_rule == Policy.ExpiryRule.BOOK_BY,
        from_first_session=package.valid_from == Package.ValidFrom.FIRST_SESSION,
        refund=f"{refund_words(links[0].refund_rule)}." if package.units > 1 else "",
    )


def services_on_offer() -> list[ServiceOffer]:
    """Active services with their active lengths, in the practice's order."""
    variants = ServiceVariant.objects.on_offer().select_related("service")
    rows = variants.order_by("service__position", "service__name", "duration_minutes")
    return [
        _service_offer(list(group)) for _, group in groupby(rows, key=lambda row: row.service_id)
    ]


def _service_offer(variants: list[ServiceVariant]) -> ServiceOffer:
    service = variants[0].service
    return ServiceOffer(
        code=service.code,
        name=service.name,
        summary=service.summary,
        variants=tuple(
            VariantOffer(
                code=variant.code,
                name=variant.name,
                duration_minutes=variant.duration_minutes,
                price_minor=variant.price_minor,
                currency=variant.currency,
            )
            for variant in variants
        ),
        from_price_minor=min(variant.price_minor for variant in variants),
        currency=variants[0].currency,
    )
