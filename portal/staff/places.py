"""Where a person decides what the books only suggest: places of the domain as addresses."""

from django.urls import reverse

from payments.resolving import Place
from portal.staff import links

PAGES_ALONE = {"bank": "staff:bank", "correction": "staff:correction"}


def address_of(place: Place) -> str:
    """Empty when there is no such page: the list of what needs a person is one always."""
    if place.kind in PAGES_ALONE:
        return reverse(PAGES_ALONE[place.kind])
    return links.address_of(place.kind, place.ident)
