"""A time offered from the waitlist, by the link in the mail: see it, take it, let it go (E14).

Looking never acts: a scanner that opens every link of a mail answers nothing. The page shows her
first name and this time, nothing else of hers.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.crediting import reserved_lot
from scheduling.errors import Busy, NotOffered, OfferOver, TimeTaken
from scheduling.links import BadLink, manage_token, read_offer_token
from scheduling.models import Booking, WaitlistOffer
from scheduling.waitlisting.answering import accept, decline
from scheduling.waitlisting.ending import is_answerable
from scheduling.web import limits
from scheduling.web.answers import problem, too_many_links
from scheduling.web.entrance import kept_quiet
from scheduling.web.posting import posted_from

View = Callable[[HttpRequest, WaitlistOffer, str], HttpResponse]


def _by_link(view: View) -> Callable[..., HttpResponse]:
    """Find the offer of the token; guessing tokens is slow (B13, N4)."""

    @wraps(view)
    def decorated(request: HttpRequest, token: str) -> HttpResponse:
        if not limits.may_try_links(request):
            return kept_quiet(too_many_links(request))
        try:
            public_id = read_offer_token(token)
        except BadLink as bad:
            limits.count_bad_link(request)
            raise Http404 from bad
        offers = WaitlistOffer.objects.with_everything()
        return kept_quiet(view(request, get_object_or_404(offers, public_id=public_id), token))

    return decorated


@require_safe
@never_cache
@_by_link
def offer(request: HttpRequest, found: WaitlistOffer, token: str) -> HttpResponse:
    """When, with whom, where, and until when it is held; or what became of it."""
    at = timezone.now()
    booking = found.booking
    if booking.state not in (Booking.State.HELD, Booking.State.EXPIRED):
        return _to_session(request, booking)
    is_open = is_answerable(found, booking, at)
    context = {
        "offer": found,
        "booking": booking,
        "token": token,
        "is_open": is_open,
        "has_credit": reserved_lot(booking.public_id) is not None,
        "waits_on": found.entry.is_open,
    }
    return render(request, "scheduling/offer.html", context, status=200 if is_open else 410)


@posted_from("scheduling:offer")
@never_cache
@_by_link
def acceptance(request: HttpRequest, found: WaitlistOffer, token: str) -> HttpResponse:
    """Yes. With a credit that books it; without one it leads on to pay."""
    try:
        booking = accept(offer=found, by=found.entry.runner, at=timezone.now())
    except OfferOver:
        return redirect("scheduling:offer", token)  # which says so
    except (NotOffered, TimeTaken) as refusal:
        return _not_now(request, token, str(refusal), status=409)
    except Busy as busy:
        return _not_now(request, token, str(busy), status=503)
    if booking.is_booked:
        return _to_session(request, booking)
    check = reverse("scheduling:check", args=[booking.public_id])
    if request.user == found.entry.runner:
        return redirect(check)
    answer: HttpResponse = redirect_to_login(check)
    return answer


@posted_from("scheduling:offer")
@never_cache
@_by_link
def refusal(request: HttpRequest, found: WaitlistOffer, token: str) -> HttpResponse:
    """No: the next in line hears of it."""
    keep = request.POST.get("then") != "leave"
    try:
        decline(offer=found, by=found.entry.runner, at=timezone.now(), keep=keep)
    except OfferOver:
        return redirect("scheduling:offer", token)
    except Busy as busy:
        return _not_now(request, token, str(busy), status=503)
    return redirect("scheduling:offer", token)


def _to_session(request: HttpRequest, booking: Booking) -> HttpResponse:
    """To the session's page, by whichever door she came."""
    if request.user == booking.runner:
        return redirect("scheduling:booked", booking.public_id)
    return redirect("scheduling:link_booked", manage_token(booking))


def _not_now(request: HttpRequest, token: str, text: str, *, status: int) -> HttpResponse:
    return problem(
        request,
        status=status,
        title="Not booked",
        text=text,
        url=reverse("scheduling:offer", args=[token]),
        label="Back to the offer",
    )
