"""The till of a day: what each person took, what was counted, and the count itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.isolating import isolated
from accounts.models import User
from accounts.roles import RECONCILE, TAKE_PAYMENTS
from payments.cashing_up import CashUpError, NoteMissing, Till, cash_up, till_of, tills
from payments.days import practice_day, practice_zone
from payments.money import DEFAULT_CURRENCY
from portal.staff.access import may, show, signed_in, staff_page
from portal.staff.asking import address
from portal.staff.desk_forms import CountForm
from portal.staff.downloads import csv_file
from portal.staff.periods import day_asked
from portal.staff.tills import tills_table

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counting:
    """A till with the form that counts it."""

    till: Till
    form: CountForm


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(TAKE_PAYMENTS, RECONCILE)
def till(request: HttpRequest) -> HttpResponse:
    """A day's tills: one's own at the desk, everybody's for managers and bookkeepers."""
    on = _day(request)
    refused: CountForm | None = None
    if request.method == "POST":
        refused = _count(request, on)
        if refused is None:
            return redirect(address("till", on=on.isoformat()))
    found = _tills(request, on)
    context = {
        "on": on,
        "zone": practice_zone(),
        "table": tills_table(found, on),
        "counting": [Counting(one, _form(one, refused)) for one in found],
        "is_over": on <= practice_day(timezone.now()),
        "form": refused,
        "earlier_url": address("till", on=(on - ONE_DAY).isoformat()),
        "later_url": address("till", on=(on + ONE_DAY).isoformat()),
        "file_url": address("till_file", on=on.isoformat()),
    }
    return show(request, "till.html", context, status=422 if refused else 200)


@require_safe
@staff_page(TAKE_PAYMENTS, RECONCILE)
def till_file(request: HttpRequest) -> HttpResponse:
    on = _day(request)
    return csv_file(tills_table(_tills(request, on), on), f"cash-up-{on.isoformat()}")


def _day(request: HttpRequest) -> date:
    return day_asked(request.GET.get("on", ""), otherwise=practice_day(timezone.now()))


def _tills(request: HttpRequest, on: date) -> list[Till]:
    """One's own is there to be counted also when it is empty."""
    me = signed_in(request)
    sees_all = may(request, RECONCILE)
    found = tills(start=on, end=on + ONE_DAY, person=None if sees_all else me)
    if may(request, TAKE_PAYMENTS) and all(one.person != me for one in found):
        found.append(till_of(person=me, on=on, currency=DEFAULT_CURRENCY))
    return found


def _name(person: User, currency: str) -> str:
    """How the fields of one till are told from those of another."""
    return f"{person.public_id}-{currency}"


def _form(one: Till, refused: CountForm | None) -> CountForm:
    name = _name(one.person, one.currency)
    if refused is not None and refused.prefix == name:
        return refused
    return CountForm(currency=one.currency, prefix=name)


def _count(request: HttpRequest, on: date) -> CountForm | None:
    """Count the till that was sent; the form with its errors if it could not be."""
    person = _person(request)
    currency = request.POST.get("currency", "")[:3]
    if not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise Http404
    form = CountForm(request.POST, currency=currency, prefix=_name(person, currency))
    if not form.is_valid():
        return form
    try:
        kept = cash_up(
            person=person,
            on=on,
            currency=currency,
            counted_minor=form.cleaned_data["counted"],
            note=form.cleaned_data["note"],
            again=form.cleaned_data["again"],
            by=signed_in(request),
            at=timezone.now(),
        )
    except NoteMissing as refusal:
        form.add_error("note", str(refusal))
        return form
    except CashUpError as refusal:
        form.add_error("counted", str(refusal))
        return form
    right = "It is right." if not kept.difference_minor else "The difference is in the books."
    messages.success(request, f"The till of {isolated(person)} is counted. {right}")
    return None


def _person(request: HttpRequest) -> User:
    """Whose till: one's own, and anybody's for those who see them all."""
    try:
        wanted = UUID(request.POST.get("person", ""))
    except ValueError as wrong:
        raise Http404 from wrong
    people = User.objects.filter(is_active=True)
    if not may(request, RECONCILE):
        people = people.filter(pk=signed_in(request).pk)
    person: User = get_object_or_404(people, public_id=wanted)
    return person
