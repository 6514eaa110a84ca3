"""The runner's waitlist: one tap to join, a page a wish, and what became of each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.errors import BookingError
from scheduling.links import offer_token
from scheduling.models import WaitlistEntry, WaitlistOffer
from scheduling.waitlisting import words
from scheduling.waitlisting.ending import is_answerable
from scheduling.waitlisting.joining import change_wish, join, require_sensible, withdraw
from scheduling.web.answers import problem
from scheduling.web.finding import signed_in
from scheduling.web.holding import UnknownChoice
from scheduling.web.origin import comes_from_us
from scheduling.web.posting import posted_from
from scheduling.web.wishing import (
    FIELDS,
    WishForm,
    forget_wish,
    read_wish,
    remember_wish,
    remembered_wish,
)

SHOWN = 30


@dataclass(frozen=True, slots=True)
class ShownWish:
    """A wish in words, and where to answer what is offered for it."""

    entry: WaitlistEntry
    session: str
    person: str
    days: str
    hours: str
    state: str
    offer_url: str


@csrf_exempt  # as for /book/hold/: comes_from_us answers for it
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def waitlist(request: HttpRequest) -> HttpResponse:
    """What she waits for; a POST puts a wish on the list."""
    if request.method == "POST":
        return _ask(request)
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    at = timezone.now()
    found = WaitlistEntry.objects.of(request.user).with_everything()[:SHOWN]
    shown = [_shown(entry, at) for entry in found]
    context = {
        "open": [one for one in shown if one.entry.is_open],
        "over": [one for one in shown if not one.entry.is_open],
        "unfinished": remembered_wish(request),
    }
    return render(request, "scheduling/waitlist.html", context)


def _ask(request: HttpRequest) -> HttpResponse:
    if not comes_from_us(request):
        return problem(
            request,
            status=403,
            title="Please ask for it here",
            text="That request came from another site, so we put nothing on the list.",
        )
    fields = {name: request.POST.get(name, "")[:60] for name in FIELDS}
    if isinstance(request.user, User):
        return put_on_list(request, request.user, fields)
    try:
        require_sensible(read_wish(fields), timezone.now())
    except (UnknownChoice, BookingError) as refusal:
        return _not_listed(request, refusal)
    remember_wish(request, fields)
    return redirect("scheduling:waitlist_you")


def put_on_list(request: HttpRequest, runner: User, fields: dict[str, str]) -> HttpResponse:
    """Join with what was asked for, and on to the page of the wish."""
    forget_wish(request)
    try:
        entry = join(runner=runner, want=read_wish(fields), at=timezone.now())
    except (UnknownChoice, BookingError) as refusal:
        return _not_listed(request, refusal)
    messages.success(request, "You are on the list. A mail comes when a time opens up.")
    return redirect("scheduling:waitlist_entry", entry.public_id)


def _not_listed(request: HttpRequest, refusal: Exception) -> HttpResponse:
    status = 404 if isinstance(refusal, UnknownChoice) else 409
    return problem(request, status=status, title="Not on the list", text=str(refusal))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def entry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One wish: what it is, and a form to change it while it waits."""
    at = timezone.now()
    found = _own(request, public_id)
    if request.method != "POST":
        form = WishForm(found) if found.state == WaitlistEntry.State.WAITING else None
        return _entry_page(request, found, form, at)
    form = WishForm(found, request.POST)
    if not form.is_valid():
        return _entry_page(request, found, form, at, status=422)
    try:
        change_wish(entry=found, want=form.want, at=at)
    except BookingError as refusal:
        form.add_error(None, str(refusal))
        return _entry_page(request, _own(request, public_id), form, at, status=409)
    messages.success(request, "Changed. Your place in line stays.")
    return redirect("scheduling:waitlist")


@posted_from("scheduling:waitlist_entry")
@never_cache
def withdrawal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the wish off the list."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("scheduling:waitlist_entry", args=[public_id]))
    found = _own(request, public_id)
    withdraw(entry=found, by=signed_in(request), at=timezone.now())
    messages.success(request, "Taken off the list.")
    return redirect("scheduling:waitlist")


def _own(request: HttpRequest, public_id: UUID) -> WaitlistEntry:
    own = WaitlistEntry.objects.of(signed_in(request)).with_everything()
    return get_object_or_404(own, public_id=public_id)


def _shown(entry: WaitlistEntry, at: datetime) -> ShownWish:
    """What the pages say of a wish; reads what was prefetched."""
    offer = next((one for one in entry.offers.all() if is_answerable(one, one.booking, at)), None)
    return ShownWish(
        entry=entry,
        session=words.session_words(entry),
        person=words.with_words(entry),
        days=words.days_words(entry),
        hours=words.hours_words(entry),
        state=words.state_words(entry, at),
        offer_url=_offer_url(offer) if offer else "",
    )


def _offer_url(offer: WaitlistOffer) -> str:
    return reverse("scheduling:offer", args=[offer_token(offer)])


def _entry_page(
    request: HttpRequest,
    found: WaitlistEntry,
    form: WishForm | None,
    at: datetime,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"one": _shown(found, at), "form": form}
    return render(request, "scheduling/waitlist_entry.html", context, status=status)
