"""The two ways to a session's pages: signed in as its runner, or by the link in a mail (B13).

``entered`` answers whose session this is; the views behind it take an ``Entrance`` and are the
same for both. They ask it for every address, so that whoever came in by the link stays on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.models import User
from scheduling.errors import BookingError
from scheduling.links import BadLink, manage_token, read_manage_token
from scheduling.models import Booking
from scheduling.models.bookings import NOT_YET_ANYBODYS
from scheduling.reasons import Reason
from scheduling.web import limits
from scheduling.web.answers import link_is_old, too_many_links
from scheduling.web.finding import find_booking


@dataclass(frozen=True, slots=True)
class Entrance:
    """A session, its runner who acts, and the addresses of its pages. No token: signed in."""

    booking: Booking
    runner: User
    token: str = ""

    @property
    def by_link(self) -> bool:
        """True: show nothing of hers besides this session, no count of credits either."""
        return bool(self.token)

    @property
    def reason(self) -> str:
        """What the record of a change says about how it was asked for."""
        return "By the link in a mail" if self.by_link else ""

    @property
    def session_url(self) -> str:
        return self.url("booked")

    @property
    def move_url(self) -> str:
        return self.url("move")

    @property
    def cancel_url(self) -> str:
        return self.url("cancel")

    @property
    def cancellation_url(self) -> str:
        return self.url("cancellation")

    @property
    def calendar_url(self) -> str:
        return self.url("calendar")

    def url(self, page: str) -> str:
        """The address of one of the session's pages, by the name it has in ``urls.py``."""
        if self.by_link:
            return reverse(f"scheduling:link_{page}", args=[self.token])
        return reverse(f"scheduling:{page}", args=[self.booking.public_id])

    def told(self, refusal: BookingError) -> str:
        """The refusal's own words; by the link none that tell of her limits or her credits."""
        private = getattr(refusal, "reason", "") in ABOUT_HER
        return NOT_ONLINE if self.by_link and private else str(refusal)

    def after(self, changed: Booking) -> "Entrance":
        """The same way in once the session has changed: the old link is dead, here is its heir."""
        return replace(self, booking=changed, token=manage_token(changed) if self.by_link else "")


# Refusals that say something about her and not about this session or its terms.
ABOUT_HER = frozenset(
    {
        Reason.INTAKE,
        Reason.ELIGIBILITY,
        Reason.RUNNER_LIMIT,
        Reason.EXPIRED_CREDIT,
        "needs_credit",
    }
)
NOT_ONLINE = "That cannot be done by this link. Sign in, or ring us and we do it together."


class TooManyLinks(Exception):
    """Somebody is guessing."""


View = Callable[[HttpRequest, Entrance], HttpResponse]


def entered(*, posted_from: str = "") -> Callable[[View], Callable[..., HttpResponse]]:
    """Find the session of the address and hand the view its ``Entrance``.

    With ``posted_from`` (the name of a page) the address takes a POST only: a GET, or signing in
    on the way, leads to the page its form stands on.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def decorated(
            request: HttpRequest, public_id: UUID | None = None, token: str = ""
        ) -> HttpResponse:
            if token:
                return kept_quiet(_by_link(request, token, view, posted_from))
            return _signed_in(request, public_id, view, posted_from)

        return decorated

    return decorate


def _signed_in(
    request: HttpRequest, public_id: UUID | None, view: View, posted_from: str
) -> HttpResponse:
    if not isinstance(request.user, User):
        page = reverse(f"scheduling:{posted_from}", args=[public_id]) if posted_from else ""
        return redirect_to_login(page or request.get_full_path())
    if public_id is None:
        raise Http404
    entrance = Entrance(find_booking(request.user, public_id), request.user)
    return _answer(request, entrance, view, posted_from)


def _by_link(request: HttpRequest, token: str, view: View, posted_from: str) -> HttpResponse:
    try:
        booking, is_current = find_by_link(request, token)
    except TooManyLinks:
        return too_many_links(request)
    if not is_current or booking.runner is None:
        return link_is_old(request, token)
    return _answer(request, Entrance(booking, booking.runner, token), view, posted_from)


def find_by_link(request: HttpRequest, token: str) -> tuple[Booking, bool]:
    """The session of a link, and whether the link is of its present version.

    Raises:
        Http404: we never made such a link.
        TooManyLinks: this address tried too many that we never made.
    """
    if not limits.may_try_links(request):
        raise TooManyLinks
    try:
        public_id, version = read_manage_token(token)
    except BadLink as bad:
        limits.count_bad_link(request)
        raise Http404 from bad
    sessions = Booking.objects.with_everything().exclude(state__in=NOT_YET_ANYBODYS)
    booking = get_object_or_404(sessions, public_id=public_id)
    return booking, booking.token_version == version


def _answer(request: HttpRequest, entrance: Entrance, view: View, posted_from: str) -> HttpResponse:
    if posted_from and request.method != "POST":
        return redirect(entrance.url(posted_from))
    return view(request, entrance)


def kept_quiet(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no search engine keeps it, no other address hears of it.

    Not ``no-referrer``: browsers then send ``Origin: null`` with a form, and it would be refused
    as a stranger's. With ``strict-origin`` they name the site and never the path.
    """
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "strict-origin"
    return answer
