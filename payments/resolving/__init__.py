"""Settling what needed a person: our best guess with one button, or words of her own."""

from payments.resolving import books, credits, payouts, refunds, sales, stripe
from payments.resolving.closing import (
    Accepted,
    ResolutionError,
    accept_suggestion,
    comment_on_mismatch,
    own_mismatch,
    resolve_mismatch,
)
from payments.resolving.suggestions import (
    SUGGESTERS,
    Place,
    Suggestion,
    each,
    register,
    seen,
    suggestions,
)

__all__ = [
    "Accepted",
    "Place",
    "ResolutionError",
    "Suggestion",
    "accept_suggestion",
    "comment_on_mismatch",
    "each",
    "own_mismatch",
    "register",
    "resolve_mismatch",
    "seen",
    "suggestions",
]

SUGGESTERS |= {
    **sales.SUGGESTERS,
    **refunds.SUGGESTERS,
    **payouts.SUGGESTERS,
    **stripe.SUGGESTERS,
    **credits.SUGGESTERS,
    **books.SUGGESTERS,
}
