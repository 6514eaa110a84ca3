"""What blocks show of the lower apps: offers and free times, read at the moment of serving.

The only door from content to commerce. Content keeps codes; everything else comes from
``payments.offers`` and ``scheduling.offers``, at most once per request for each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from cms.remembering import remembered
from payments import offers as payment_offers
from scheduling import offers as scheduling_offers

T = TypeVar("T")
OFFERS = "/api/v1/content/offers/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which free times a block asks for; an empty code leaves that open."""

    service: str = ""
    variant: str = ""
    location: str = ""
    therapist: str = ""


def packages(request: HttpRequest | None = None) -> dict[str, Any]:
    """Public packages of several sessions on sale now, by code."""
    return _asked(request, "packages", _packages)


def package(code: str, request: HttpRequest | None = None) -> Any:
    """One package on sale now, single sessions and private ones included, or None."""
    found = packages(request).get(code)
    return found or _asked(request, f"package {code}", lambda: _package(code))


def on_sale(codes: Collection[str]) -> set[str]:
    """Those of the packages that are on sale now, single sessions and private ones included."""
    offers = payment_offers.packages_on_sale(at=timezone.now(), codes=codes) if codes else []
    return {offer.code for offer in offers}


def services(request: HttpRequest | None = None) -> dict[str, Any]:
    """Services on offer, by code."""
    return _asked(request, "services", _services)


def therapists(request: HttpRequest | None = None) -> dict[str, Any]:
    """Therapists who take bookings, by code."""
    return _asked(request, "therapists", _therapists)


def next_times(wanted: Wanted, request: HttpRequest | None = None, count: int = 3) -> Any:
    """The next `count` free times, or None when what is asked for is not offered."""
    question = f"times {wanted} {count}"
    return _asked(request, question, lambda: _next_times(wanted, count))


def locations(request: HttpRequest | None = None) -> dict[str, Any]:
    """Where sessions happen, by code."""
    return _asked(request, "locations", _locations)


def places(request: HttpRequest | None = None) -> list[Any]:
    """Where sessions happen, with addresses and hours, the first place first."""
    return _asked(request, "places", _places)


def place(code: str, request: HttpRequest | None = None) -> Any:
    """Where a location is and when it is open, or None when it takes no bookings."""
    return next((each for each in places(request) if each.code == code), None)


def rules_in_effect(code: str, on: date) -> Any:
    """The rules of a code that count on a day, of all for no code; None without any."""
    question = f"rules {code} {on}"
    return remembered(question, lambda: payment_offers.rules_in_effect(code, on=on))


def rules_from(code: str, on: date) -> list[tuple[date, Any]]:
    """The rules of a code on a day and their later versions, each with its first day."""
    return payment_offers.rules_from(code, on=on)


def rule_codes() -> list[str]:
    return payment_offers.rule_codes()


def _packages() -> dict[str, Any]:
    return {offer.code: offer for offer in payment_offers.packages_on_sale(at=timezone.now())}


def _package(code: str) -> Any:
    offers = payment_offers.packages_on_sale(at=timezone.now(), codes=[code]) if code else []
    return next(iter(offers), None)


def _services() -> dict[str, Any]:
    return {offer.code: offer for offer in payment_offers.services_on_offer()}


def _therapists() -> dict[str, Any]:
    return {offer.code: offer for offer in scheduling_offers.therapists_on_offer()}


def _locations() -> dict[str, Any]:
    return {offer.code: offer for offer in scheduling_offers.locations_on_offer()}


def _places() -> list[Any]:
    return list(scheduling_offers.places_on_offer(at=timezone.now()))


def _next_times(wanted: Wanted, count: int) -> Any:
    return scheduling_offers.next_free_times(
        variant_code=wanted.variant or None,
        service_code=wanted.service or None,
        location_code=wanted.location or None,
        therapist_code=wanted.therapist or None,
        count=count,
        at=timezone.now(),
    )


def _asked(request: HttpRequest | None, question: str, read: Callable[[], T]) -> T:
    """An answer of the apps below: once per request, of the last seconds if nothing changed."""
    return once(request, question, lambda: remembered(_spoken(question), read))


def _spoken(question: str) -> str:
    """Answers may hold words in the language that is spoken now."""
    return f"{get_language()} {question}"


def once(request: HttpRequest | None, name: str, read: Callable[[], T]) -> T:
    """Read once per request, so ten blocks of one page cost one query."""
    if request is None:
        return read()
    known: dict[str, Any] = request.__dict__.setdefault("_live_offers", {})
    if name not in known:
        known[name] = read()
    found: T = known[name]
    return found


# --- Where the API tells the same, for a front end that kept a page ----------------------------
def package_address(code: str) -> str:
    return f"{settings.SITE_URL}{OFFERS}packages/{code}/"


def service_address(code: str) -> str:
    return f"{settings.SITE_URL}{OFFERS}services/{code}/"


def times_address(wanted: Wanted) -> str:
    asked = {key: code for key, code in asdict(wanted).items() if code}
    return f"{settings.SITE_URL}{OFFERS}next-times/?{urlencode(asked)}"
