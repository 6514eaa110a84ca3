"""Moving a session by hand: pick a time, confirm. The board's drag ends on the same question."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.isolating import isolated
from accounts.roles import RUN_DAY
from payments.crediting import CreditError
from portal.staff import moving as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.asking import address, moment_asked, therapist_asked, why_url
from portal.staff.forms import TimeForm
from portal.staff.judging import overriding_asked
from portal.staff.periods import day_asked
from portal.staff.views.sessions import asked, day_of
from scheduling.errors import BookingError
from scheduling.models import Booking, Therapist
from scheduling.moving import move_booking

ANYONE = "any"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Three steps on one address: free times; with `to` the question; the POST moves."""
    found = asked(request, public_id)
    if request.method == "POST":
        return _move(request, found)
    if found.state != Booking.State.CONFIRMED:
        return show(request, "move.html", _of(found) | {"is_over": True})
    if starts_at := _moment(request.GET, found):
        return _question(request, found, starts_at, therapist_asked(request.GET, "with"))
    return _choice(request, found)


@require_safe
@staff_page(RUN_DAY)
def verdict(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """For the drag: whether the time under the pointer is free, or the rules against it."""
    found = asked(request, public_id)
    starts_at = moment_asked(request.GET.get("to", ""), found.location.zone)
    if starts_at is None:
        return JsonResponse({"detail": "Say which moment."}, status=422)
    therapist = therapist_asked(request.GET, "with") or found.therapist
    judged = reading.judged(found, starts_at=starts_at, therapist=therapist, at=timezone.now())
    return JsonResponse(
        {
            "free": judged.is_free,
            "possible": judged.is_free or judged.can_be_overridden,
            "words": judged.words or "Free.",
        }
    )


def _of(found: Booking) -> dict[str, Any]:
    return {"booking": found, "day_url": day_of(found), "is_over": False}


def _moment(query: QueryDict, found: Booking) -> datetime | None:
    """`to` as a link or a drop says it, else the day and time somebody typed."""
    if to := moment_asked(query.get("to", ""), found.location.zone):
        return to
    typed = f"{query.get('day', '')}T{query.get('clock', '')}"
    return moment_asked(typed, found.location.zone) if query.get("clock") else None


def _choice(request: HttpRequest, found: Booking) -> HttpResponse:
    now = timezone.now()
    today = now.astimezone(found.location.zone).date()
    day = day_asked(request.GET.get("day", ""), otherwise=max(today, found.starts_local.date()))
    code = request.GET.get("therapist", found.therapist.code)
    chosen = None if code == ANYONE else therapist_asked(QueryDict(f"therapist={code}"))
    shown = reading.choice(found, therapist=chosen, day=day, at=now)
    who = chosen.code if chosen else ANYONE
    tabs = [(found.therapist.code, found.therapist.name), (ANYONE, "Anyone who is free")]
    context = {
        "choice": shown,
        "base": f"{address('move', found.public_id, therapist=who)}&day=",
        "tabs": [
            {
                "label": label,
                "url": address("move", found.public_id, therapist=code, day=day.isoformat()),
                "is_shown": code == who,
            }
            for code, label in tabs
        ],
        "form": TimeForm(
            zone=found.location.timezone,
            initial={"day": day, "clock": found.starts_local.time(), "therapist": chosen},
        ),
    }
    return show(request, "move.html", _of(found) | context)


def _question(
    request: HttpRequest,
    found: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    **more: Any,
) -> HttpResponse:
    """What would happen, which rules are against it, and whether to tell her."""
    now = timezone.now()
    judged = reading.judged(found, starts_at=starts_at, therapist=therapist, at=now)
    context = {
        "starts_at": starts_at,
        "judged": judged,
        "other_person": judged.therapist_code != found.therapist.code,
        "back_url": address(
            "move",
            found.public_id,
            day=starts_at.astimezone(found.location.zone).date().isoformat(),
            therapist=judged.therapist_code,
        ),
        "why_url": why_url(
            found.location.code, starts_at, judged.therapist_code, found.variant.code
        ),
        "tell": more.get("tell", True),
        "reason": more.get("reason", ""),
        "problem": more.get("problem", ""),
    }
    status = more.get("status", 200)
    return show(request, "move_confirm.html", _of(found) | context, status=status)


def _move(request: HttpRequest, found: Booking) -> HttpResponse:
    starts_at = moment_asked(request.POST.get("to", ""), found.location.zone)
    if starts_at is None:
        return redirect(address("move", found.public_id))
    therapist = therapist_asked(request.POST, "with")
    overriding = overriding_asked(request.POST.get("override", ""))
    reason = request.POST.get("reason", "").strip()[:200]
    tell = request.POST.get("tell", "yes") != "no"
    typed = {"reason": reason, "tell": tell}
    if overriding and not reason:
        problem = "Say why the rule is set aside."
        return _question(request, found, starts_at, therapist, problem=problem, status=422, **typed)
    try:
        moved = move_booking(
            booking=found,
            starts_at=starts_at,
            therapist=therapist,
            by=signed_in(request),
            at=timezone.now(),
            reason=reason,
            overriding=overriding,
            tell=tell,
        )
    except (BookingError, CreditError) as refusal:
        problem = str(refusal)
        return _question(request, found, starts_at, therapist, problem=problem, status=409, **typed)
    if request.POST.get("undo"):
        name = isolated(moved.runner)
        messages.success(request, f"Undone: {name} is back where the session was.")
        return redirect(day_of(moved))
    return redirect(day_of(moved, moved=moved.public_id, told="1" if tell else ""))
