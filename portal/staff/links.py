"""What a row of the books names, as the address of the page that shows it."""

from django.urls import NoReverseMatch, reverse

PAGES = {
    "order": "staff:order",
    "payout": "staff:payout",
    "transaction": "staff:balance_transaction",
    "charge": "staff:charge",
    "lot": "staff:lot",
    "booking": "staff:booking",
    "runner": "staff:runner",
    "journal": "staff:journal_entry",
    "mismatch": "staff:mismatch",
    "session_sale": "staff:session_sale",
    "refund": "staff:assign_refund",
    "proposal": "staff:approve_refund",
    "dispute": "staff:dispute",
}


def address_of(subject: str, key: object) -> str:
    """Empty where there is nothing to show, or nothing is named."""
    if not key or subject not in PAGES:
        return ""
    try:
        return reverse(PAGES[subject], args=[key])
    except NoReverseMatch:  # a damaged key has no page
        return ""
