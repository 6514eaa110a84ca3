"""Runners: a search, and a page for each."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.flagging import flags_of
from accounts.models import User
from accounts.noting import may_write
from accounts.roles import (
    ADJUST_CREDITS,
    MANAGE_CLIENTS,
    MERGE_CLIENTS,
    READ_EVERY_NOTE,
    RECONCILE,
    REFUND,
    TAKE_PAYMENTS,
    VIEW_CLIENTS,
    WORK_OWN_DAY,
)
from payments.days import practice_day
from portal.privacy_page import decisions_of
from portal.staff import clients as about
from portal.staff import runners as reading
from portal.staff.access import may, show, signed_in, staff_page
from portal.staff.adjusting import Action, goodwill_action, with_actions
from portal.staff.asking import address
from portal.staff.client_forms import FlagsForm, NoteForm
from scheduling.seeing import client_seen_by, clients_seen_by, sessions_seen_by


@require_safe
@staff_page(VIEW_CLIENTS, WORK_OWN_DAY)
def runners(request: HttpRequest) -> HttpResponse:
    """Search by name, address or order number; without a search, the latest to join."""
    query = request.GET.get("q", "").strip()[:120]
    people = reading.find_runners(query, among=clients_seen_by(request.user))
    context = {
        "query": query,
        "table": reading.runners_table(
            people, sessions=sessions_seen_by(request.user), at=timezone.now()
        ),
        "is_cut": len(people) == reading.SHOWN,
        "shown": reading.SHOWN,
    }
    return show(request, "runners.html", context)


@require_safe
@staff_page(VIEW_CLIENTS, WORK_OWN_DAY)
def runner(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One runner: what is left, what is booked, what was bought, and what may be done about it."""
    found = client_asked(request, public_id)
    if found.public_id != public_id:
        return redirect("staff:runner", found.public_id)
    return runner_shown(request, found)


def client_asked(request: HttpRequest, public_id: UUID) -> User:
    """The client, also by an id that was merged into hers; one this person may not see is 404."""
    found = client_seen_by(request.user, public_id)
    if found is None:
        raise Http404
    return found


def runner_shown(
    request: HttpRequest,
    runner: User,
    *,
    status: int = 200,
    returned: Action | None = None,
    note_form: NoteForm | None = None,
    flags: FlagsForm | None = None,
) -> HttpResponse:
    """Her page; a form of it that came with a fault is handed in and stands open."""
    at = timezone.now()
    sees_all = may(request, VIEW_CLIENTS)
    page = reading.runner_page(
        runner,
        sessions=sessions_seen_by(request.user),
        at=at,
        opens_orders=may(request, RECONCILE) or may(request, REFUND),
        takes_payments=may(request, TAKE_PAYMENTS),
    )
    context = {
        "page": page,
        "lots": page.lots,
        "book_url": address("walk_in", runner=runner.public_id),
        "returned": returned,
        "sees_all": sees_all,
    }
    context |= _about(request, runner, at, note_form, flags)
    if may(request, ADJUST_CREDITS):
        today = practice_day(at)
        gives = returned is not None and returned.name == "goodwill"
        context["lots"] = with_actions(page.lots, today=today, returned=returned)
        context["goodwill"] = returned if gives else goodwill_action(runner, today=today)
    return show(request, "runner.html", context, status=status)


def _about(
    request: HttpRequest,
    runner: User,
    at: datetime,
    note_form: NoteForm | None,
    flags: FlagsForm | None,
) -> dict[str, Any]:
    """Notes, flags, consents and doubles: each for those it is for."""
    me, known = signed_in(request), flags_of(runner)
    found: dict[str, Any] = {"must_call": known.must_call}
    if may_write(me) or may(request, READ_EVERY_NOTE):
        history = may(request, READ_EVERY_NOTE)
        found |= {
            "notes": about.notes_shown(runner, reader=me, at=at, reads_history=history),
            "note_form": note_form or NoteForm(),
            "client_flags": known,
        }
    if may(request, MANAGE_CLIENTS):
        found |= {
            "flags_form": flags or FlagsForm(initial=asdict(known)),
            "decisions": decisions_of(runner),
            "zone": settings.TIME_ZONE,
        }
    if may(request, MERGE_CLIENTS):
        found |= {
            "doubles": about.doubles_of(runner),
            "merges": about.merges_shown(runner, at=at),
        }
    return found
