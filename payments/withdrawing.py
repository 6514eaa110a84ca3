"""Taking something off sale: who should hear of it first.

Pages name what is sold and live above; an app that has such users of a code says so here, and
the admin lists them before it withdraws anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from payments.models import Package, Service, ServiceVariant

Sold = Service | ServiceVariant | Package


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that shows a code; hidden from readers once the code is withdrawn."""

    title: str
    where: str
    url: str


Looks = Callable[[str, frozenset[str]], list[Mention]]
_lookers: Final[list[Looks]] = []


def looks_for(looker: Looks) -> Looks:
    """Register what finds the mentions of some codes of a kind: service, variant, package."""
    if looker not in _lookers:
        _lookers.append(looker)
    return looker


def mentions(kind: str, *codes: str) -> list[Mention]:
    wanted = frozenset(codes)
    return [found for looker in _lookers for found in looker(kind, wanted)] if wanted else []


def mentions_of(sold: Sold) -> list[Mention]:
    """Everything that readers no longer see once this is withdrawn."""
    if isinstance(sold, Package):
        return mentions("package", sold.code)
    if isinstance(sold, ServiceVariant):
        return mentions("variant", sold.code)
    lengths = sold.variants.values_list("code", flat=True) if sold.pk else ()
    return [*mentions("service", sold.code), *mentions("variant", *lengths)]
