"""Which page of the site led to a purchase or a session, without cookies (U3).

Links in an article carry ``via=<page id>.<signature>``: the same for every reader, so it says
nothing about who read it. Only what we signed is believed; anything else is as if it were not
there, because a sale is never refused for the sake of a statistic. What a page is called is known
to the app above, which says so by `describes`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.core.signing import BadSignature, Signer

VIA: Final = "via"  # its name in addresses, forms and the API
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Source:
    """A page that led here, as it was called then. No id: nobody knows."""

    page_id: int | None = None
    path: str = ""
    title: str = ""

    @property
    def token(self) -> str:
        """What carries it on to the next page."""
        return signed(self.page_id) if self.page_id is not None else ""


NOWHERE: Final = Source()
Describer = Callable[[int], Source | None]
_describers: list[Describer] = []


def describes(fn: Describer) -> Describer:
    """For the app above: path and title of a page by its id. Called in ``ready``."""
    if fn not in _describers:
        _describers.append(fn)
    return fn


def signed(page_id: int) -> str:
    return _signer().sign(str(page_id))


def page_of(token: str) -> int | None:
    """The id in a token of ours; None for whatever is not one."""
    if not token or len(token) > _LONGEST:
        return None
    try:
        return int(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def token_in(data: Mapping[str, str]) -> str:
    """The token in a query or a form, if it is one of ours; else nothing."""
    token = data.get(VIA, "")
    return token if page_of(token) is not None else ""


def source_of(token: str) -> Source:
    """What to write on an order or a session. A page that is gone keeps its id."""
    page_id = page_of(token)
    if page_id is None:
        return NOWHERE
    described = (describe(page_id) for describe in _describers)
    return next((source for source in described if source), Source(page_id))


def _signer() -> Signer:
    return Signer(sep=".", salt="payments.attributing")
