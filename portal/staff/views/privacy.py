"""A person's data by staff, when she asks them: what she agreed to, a copy, the deletion (G2, G6).

And the retention schedule with what is due (G7).
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import retention as keeping
from accounts.erased import is_erased
from accounts.erasing import ErasureRefused, ask_for_erasure, take_back
from accounts.fresh import fresh_sign_in
from accounts.merging import find_person
from accounts.models import User
from accounts.roles import ERASE_PERSON, EXPORT_PERSON
from portal import privacy_page as reading
from portal.account.privacy import LeaveForm
from portal.privacy_files import export_for, holds_health
from portal.staff.access import may, show, signed_in, staff_page

PAGE = "staff:person_privacy"


@require_safe
@staff_page(EXPORT_PERSON, ERASE_PERSON)
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What somebody agreed to, and what may be done for her."""
    return _shown(request, _found(public_id), LeaveForm())


@require_POST
@staff_page(EXPORT_PERSON)
@fresh_sign_in("downloading all we keep about this person")
def export(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything about her as one file, to hand to her and nobody else."""
    found, at = _found(public_id), timezone.now()
    return export_for(found, by=signed_in(request), at=at)


@require_POST
@staff_page(ERASE_PERSON)
@fresh_sign_in("asking for this person's account to be deleted")
def erasure(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """She asked us to delete her account."""
    found, form = _found(public_id), LeaveForm(request.POST)
    if form.is_valid():
        try:
            ask_for_erasure(
                person=found,
                by=signed_in(request),
                at=timezone.now(),
                gives_up_credits=form.cleaned_data["gives_up_credits"],
            )
        except ErasureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Noted. They get a mail, and can take it back until then.")
            return redirect(PAGE, found.public_id)
    return _shown(request, found, form)


@require_POST
@staff_page(ERASE_PERSON)
def keep(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """She changed her mind."""
    found = _found(public_id)
    if take_back(person=found, by=signed_in(request), at=timezone.now()):
        messages.success(request, "The account stays.")
    return redirect(PAGE, found.public_id)


@require_safe
@staff_page(ERASE_PERSON)
def retention(request: HttpRequest) -> HttpResponse:
    """The schedule, what is due now, and what the last night did."""
    last = keeping.last_run()
    done = last.counts if last else {}
    rows = [
        {"rule": each.rule, "due": each.due, "done": done.get(each.rule.code)}
        for each in keeping.report(at=timezone.now())
    ]
    context = {"rows": rows, "last": last, "zone": settings.TIME_ZONE}
    return show(request, "retention.html", context)


def _found(public_id: UUID) -> User:
    """An id of before a merge finds who was kept."""
    found = find_person(public_id)
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, found: User, form: LeaveForm) -> HttpResponse:
    at = timezone.now()
    context: dict[str, Any] = {
        "person": found,
        "is_erased": is_erased(found),
        "decisions": reading.decisions_of(found),
        "leaving": reading.leaving_of(found, at=at),
        "form": form,
        "may_export": may(request, EXPORT_PERSON),
        "with_health": holds_health(found, by=signed_in(request), at=at),
        "may_erase": may(request, ERASE_PERSON),
        "zone": settings.TIME_ZONE,
    }
    return show(request, "privacy.html", context, status=422 if form.errors else 200)
