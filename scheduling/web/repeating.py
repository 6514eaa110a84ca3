"""Coming again: how often, which times, what became of it. Choosing is a GET, booking a POST."""

import uuid
from datetime import date, datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from scheduling.errors import BookingError, CannotRepeat
from scheduling.models import Booking, Series, Therapist
from scheduling.models.series import MOST_FURTHER, MOST_WEEKS_APART
from scheduling.repeating.booking import Choice, book_series
from scheduling.repeating.cancelling import cancel_rest, quote_rest
from scheduling.repeating.planning import Plan, plan
from scheduling.web.finding import find_booking, signed_in
from scheduling.web.slots import UnreadableSlot, read_slot, slot_value

SKIP = "skip"
QUOTE = "quote-"
INCOMPLETE = "This page is incomplete. Open it again."
USUAL_FURTHER = 3


class RhythmForm(forms.Form):
    """How often, and how many more."""

    every = forms.TypedChoiceField(
        label="Come again",
        coerce=int,
        choices=[
            (1, "every week"),
            *((n, f"every {n} weeks") for n in range(2, MOST_WEEKS_APART + 1)),
        ],
    )
    further = forms.TypedChoiceField(
        label="How many more",
        coerce=int,
        choices=[(n, f"{n} more") for n in range(1, MOST_FURTHER + 1)],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def repeat(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The plan for a booked session, a line a session; the POST books what was chosen."""
    at = timezone.now()
    runner = signed_in(request)
    anchor = find_booking(runner, public_id)
    if not anchor.is_booked:
        return redirect("scheduling:booked", public_id)
    asked = request.POST if request.method == "POST" else request.GET
    form = RhythmForm(asked if "every" in asked else {"every": 1, "further": USUAL_FURTHER})
    if not form.is_valid():
        return render(
            request, "scheduling/repeat.html", {"booking": anchor, "form": form}, status=422
        )
    numbers = {"every_weeks": form.cleaned_data["every"], "further": form.cleaned_data["further"]}
    planned = plan(anchor=anchor, runner=runner, at=at, **numbers)
    if request.method != "POST":
        return _plan_page(request, planned, form)
    try:
        key, choices = _read(request.POST, planned)
        series = book_series(
            key=key, anchor=anchor, choices=choices, runner=runner, by=runner, at=at, **numbers
        )
    except UnreadableSlot:
        trouble = "We could not read one of the times. Nothing was booked."
        return _plan_page(request, planned, form, status=422, trouble=trouble)
    except CannotRepeat as refused:
        return _plan_page(request, planned, form, status=409, trouble=str(refused))
    return redirect("scheduling:series", series.public_id)


@require_safe
@never_cache
@login_required
def series(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is booked of it, and what was left out and why."""
    own = Series.objects.filter(runner=signed_in(request))
    found = get_object_or_404(own, public_id=public_id)
    context = {
        "series": found,
        "bookings": Booking.objects.filter(series=found)
        .exclude(state__in=[Booking.State.HELD, Booking.State.EXPIRED])
        .with_everything()
        .order_by("starts_at"),
        "left_out": [one | {"on": date.fromisoformat(one["on"])} for one in found.left_out],
    }
    return render(request, "scheduling/series.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def cancel_series(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """This session and the later ones: asked first with what comes back, then done."""
    at = timezone.now()
    booking = find_booking(signed_in(request), public_id)
    if request.method == "POST":
        return _cancel(request, booking, at)
    return _rest_page(request, booking, at)


def _cancel(request: HttpRequest, booking: Booking, at: datetime) -> HttpResponse:
    try:
        done = cancel_rest(
            booking=booking, tokens=_agreed(request.POST), by=signed_in(request), at=at
        )
    except BookingError as refused:
        return _rest_page(request, booking, at, status=409, trouble=str(refused))
    messages.success(
        request,
        ngettext("%(count)s session cancelled.", "%(count)s sessions cancelled.", len(done))
        % {"count": len(done)},
    )
    return redirect("scheduling:booked", booking.public_id)


def _rest_page(
    request: HttpRequest, booking: Booking, at: datetime, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    rest = quote_rest(booking=booking, by=signed_in(request), at=at)
    if booking.series_id is None or not rest.quotes:
        return redirect("scheduling:booked", booking.public_id)
    context = {"booking": booking, "rest": rest, "trouble": trouble}
    return render(request, "scheduling/cancel_series.html", context, status=status)


def _agreed(posted: QueryDict) -> dict[UUID, str]:
    """The quotes of the page, by session.

    Raises:
        CannotRepeat: the page has been tampered with.
    """
    names = [name for name in posted if name.startswith(QUOTE)]
    try:
        return {UUID(name.removeprefix(QUOTE)): posted.get(name, "") for name in names}
    except ValueError as error:
        raise CannotRepeat(INCOMPLETE) from error


def _plan_page(
    request: HttpRequest, planned: Plan, form: RhythmForm, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    context = {
        "booking": planned.anchor,
        "form": form,
        "plan": planned,
        "lines": [_line(planned, number) for number in range(len(planned.occurrences))],
        "short_of": len(planned.occurrences) - planned.paid,
        "key": request.POST.get("key") or uuid.uuid4(),
        "trouble": trouble,
    }
    return render(request, "scheduling/repeat.html", context, status=status)


def _line(planned: Plan, number: int) -> dict[str, object]:
    """One session with its choices: its own time, else the closest ones; or not at all."""
    one = planned.occurrences[number]
    near = [
        {
            "value": f"{slot_value(time.starts_at)} {time.therapist_code}",
            "starts_at": time.starts_at,
            "therapist": time.therapist_name,
        }
        for time in one.near
    ]
    return {
        "name": f"on-{one.on.isoformat()}",
        "occurrence": one,
        "wish": slot_value(one.starts_at) if one.is_free else "",
        "near": near,
        "skip": SKIP,
    }


def _read(posted: QueryDict, planned: Plan) -> tuple[UUID, list[Choice]]:
    """What was chosen for each session of the plan; nothing chosen is left out.

    Raises:
        UnreadableSlot: a time that is not one.
        CannotRepeat: the page's key is missing, or a therapist is unknown.
    """
    try:
        key = UUID(posted.get("key", ""))
    except ValueError as error:
        raise CannotRepeat(INCOMPLETE) from error
    choices = []
    for one in planned.occurrences:
        value = posted.get(f"on-{one.on.isoformat()}", SKIP)
        if value != SKIP:
            start, _, code = value.partition(" ")
            choices.append(Choice(one.on, _near_wish(read_slot(start), one.starts_at), _who(code)))
    return key, choices


def _near_wish(chosen: datetime, wished: datetime) -> datetime:
    """A form sends a time of the plan; one from elsewhere is no choice of this page."""
    if abs((chosen - wished).days) > 4:
        raise UnreadableSlot(chosen.isoformat())
    return chosen


def _who(code: str) -> Therapist | None:
    if not code:
        return None
    therapist: Therapist | None = Therapist.objects.bookable_online().filter(code=code).first()
    if therapist is None:
        raise CannotRepeat("We do not know that therapist. Choose again.")
    return therapist
