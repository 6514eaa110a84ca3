"""A session's page, and what the desk does to a session."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.flagging import alert_of
from accounts.models import User
from accounts.roles import RECONCILE, RUN_DAY, WORK_OWN_DAY
from payments.crediting import CreditError
from payments.models import CreditLot
from portal.staff import bookings as reading
from portal.staff.access import may, show, signed_in, staff_page
from portal.staff.asking import day_url
from portal.staff.forms import CancelForm, PayFromForm, TakeBackForm, TurnaroundForm
from scheduling.assigning import pay_from
from scheduling.cancelling import cancel_booking
from scheduling.correcting import take_back, undoable
from scheduling.day import check_in, complete, mark_no_show, shorten_turnaround
from scheduling.desk import pay_with_credit
from scheduling.errors import BookingError
from scheduling.models import Booking, BookingChange
from scheduling.seeing import sessions_seen_by


@require_safe
@staff_page(RUN_DAY, WORK_OWN_DAY, RECONCILE)
def booking(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One session: what happened, who did it, which credit; the buttons for the desk."""
    found = asked(request, public_id)
    page = reading.booking_page(found, at=timezone.now())
    context = {"page": page, "day_url": day_of(found), "alert": _alert(request, found)}
    return show(request, "booking.html", context)


def _alert(request: HttpRequest, found: Booking) -> str:
    """For those who meet her; who keeps the books does not."""
    meets = may(request, RUN_DAY) or may(request, WORK_OWN_DAY)
    return alert_of(found.runner) if meets else ""


@require_POST
@staff_page(RUN_DAY, WORK_OWN_DAY)
def arrival(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _do(request, public_id, check_in, "{name} has arrived.")


@require_POST
@staff_page(RUN_DAY, WORK_OWN_DAY)
def completion(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _do(request, public_id, complete, "{name} is done.")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY, WORK_OWN_DAY)
def no_show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks first and says what becomes of the credit; the POST does it."""
    if request.method == "POST":
        return _do(request, public_id, mark_no_show, "{name} is marked as no-show.")
    found = asked(request, public_id)
    context = {
        "booking": found,
        "has_credit": reading.has_credit(found),
        "actions": reading.actions_for(found, at=timezone.now()),
    }
    return show(request, "no_show.html", context | {"day_url": day_of(found)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def cancellation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel with a reason: for the practice, or for the runner who asked, perhaps waived (B8)."""
    found = asked(request, public_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason, terms = form.cleaned_data["reason"], form.terms
        return _do(
            request,
            public_id,
            lambda **act: cancel_booking(reason=reason, **terms, **act),
            form.said,
        )
    return _form_page(request, "cancel.html", found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY, WORK_OWN_DAY)
def correction(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back an arrival, done or no-show. One's own slip of a moment ago needs no reason."""
    found = asked(request, public_id)
    by, now = signed_in(request), timezone.now()
    mark = _mark_meant(request, found)
    if request.method == "POST" and mark is not None:
        words = "Taken back: {name} is {state} again."
        return _do(request, public_id, lambda **act: take_back(mark=mark, **act), words)
    form = TakeBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        words = "Taken back: {name} is {state} again."
        return _do(request, public_id, lambda **act: take_back(reason=reason, **act), words)
    slip = undoable(found, by, now)
    return _form_page(request, "take_back.html", found, form, slip=slip)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY, WORK_OWN_DAY)
def turnaround(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Less time between this session and the next, on this one booking, with a reason (E4)."""
    found = asked(request, public_id)
    minutes = int((found.frees_at - found.ends_at).total_seconds()) // 60
    form = TurnaroundForm(request.POST or None, initial={"minutes": minutes})
    if request.method == "POST" and form.is_valid():
        return _do(
            request,
            public_id,
            lambda **act: shorten_turnaround(**form.cleaned_data, **act),
            "The turnaround after {name} is shorter.",
        )
    return _form_page(request, "turnaround.html", found, form, minutes=minutes)


@require_POST
@staff_page(RUN_DAY)
def payment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Set one of her credits aside for a session that is due to pay."""
    return _do(request, public_id, pay_with_credit, "{name}'s session is paid by credit.")


@require_POST
@staff_page(RUN_DAY)
def pay_from_other(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let another package of hers pay for a session."""
    found = asked(request, public_id)
    form = PayFromForm(request.POST, lots=reading.other_lots(found, at=timezone.now()))
    if not form.is_valid():
        page = reading.booking_page(found, at=timezone.now())
        context = {"page": replace(page, pay_from=form), "day_url": day_of(found)}
        return show(request, "booking.html", context, status=422)
    lot = get_object_or_404(CreditLot, public_id=form.cleaned_data["lot"])
    try:
        pay_from(
            booking=found,
            lot=lot,
            by=signed_in(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except (BookingError, CreditError) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{lot.name} pays for it now.")
    return redirect("staff:booking", found.public_id)


# --- small things ------------------------------------------------------------------------------


def asked(request: HttpRequest, public_id: UUID) -> Booking:
    """The session, if this person may see it; another therapist's is not there."""
    seen = sessions_seen_by(request.user).with_everything()
    return get_object_or_404(seen, public_id=public_id)


def day_of(booking: Booking, **query: object) -> str:
    return day_url(booking.location.code, booking.starts_local.date(), **query)


def _form_page(
    request: HttpRequest, template: str, found: Booking, form: Any, **more: Any
) -> HttpResponse:
    context = {
        "booking": found,
        "form": form,
        "actions": reading.actions_for(found, at=timezone.now()),
        "day_url": day_of(found),
    }
    return show(request, template, context | more, status=422 if form.errors else 200)


def _mark_meant(request: HttpRequest, found: Booking) -> BookingChange | None:
    """The change an undo button was made for; a second tap on it changes nothing."""
    mark = request.POST.get("mark", "")
    if not (mark.isascii() and mark.isdigit() and len(mark) < 19):
        return None
    return BookingChange.objects.filter(pk=mark, booking=found).first()


def _do(
    request: HttpRequest, public_id: UUID, act: Callable[..., Booking], words: str
) -> HttpResponse:
    """One act on a session, then back to its day with what came of it, and an undo if there is."""
    found = asked(request, public_id)
    by, now = signed_in(request), timezone.now()
    try:
        done = act(booking=found, by=by, at=now)
    except (BookingError, CreditError) as refusal:
        messages.error(request, str(refusal))
        return redirect(day_of(found))
    return _told(request, done, by, words)


def _told(request: HttpRequest, done: Booking, by: User, words: str) -> HttpResponse:
    if undoable(done, by, timezone.now()) is not None:
        return redirect(day_of(done, did=done.public_id))
    state = done.get_state_display()
    messages.success(request, words.format(name=done.runner or "Somebody", state=state))
    return redirect(day_of(done))
