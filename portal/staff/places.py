"""Where a person decides what the books only suggest: places of the domain as addresses."""

from uuid import UUID

from django.urls import NoReverseMatch, reverse

from payments.models import CreditLot
from payments.resolving import Place
from portal.staff.lots import lot_url

# What a place is called, and the page that shows it with its name.
PAGES = {
    "order": "staff:order",
    "payout": "staff:payout",
    "booking": "staff:booking",
    "session_sale": "staff:session_sale",
    "refund": "staff:assign_refund",
    "proposal": "staff:approve_refund",
    "dispute": "staff:dispute",
    "journal": "staff:journal_entry",
}
PAGES_ALONE = {"bank": "staff:bank", "correction": "staff:correction"}


def address_of(place: Place) -> str:
    """Empty when there is no such page: the list of what needs a person is one always."""
    if place.kind == "lot":
        return _lot(place.ident)
    try:
        if place.kind in PAGES_ALONE:
            return reverse(PAGES_ALONE[place.kind])
        return reverse(PAGES[place.kind], args=[place.ident]) if place.kind in PAGES else ""
    except NoReverseMatch:
        return ""


def _lot(ident: str) -> str:
    lots = CreditLot.objects.select_related("owner", "order_line__order")
    lot = lots.filter(public_id=UUID(ident)).first()
    return lot_url(lot) if lot else ""
