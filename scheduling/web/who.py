"""Who the session is for: name and address, then the code from the mail. No password."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import joining
from accounts.mailing import MailUnavailable
from accounts.models import User
from scheduling.booking import adopt_holds
from scheduling.errors import NotOffered, TimeTaken
from scheduling.forms import CodeForm, DetailsForm
from scheduling.models import Booking
from scheduling.web import visit
from scheduling.web.finding import find_hold
from scheduling.web.holding import choice_of, keep, nearest_times
from scheduling.web.slots import SlotButton, buttons

MINUTES_FOR_THE_CODE = 15


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def you(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Name and email; whoever is signed in has answered already."""
    at = timezone.now()
    booking = find_hold(request, public_id)
    if request.user.is_authenticated:
        return redirect("scheduling:check", public_id)
    if request.method != "POST":
        form = DetailsForm(initial=visit.typed_details(request))
        return _you_page(request, booking, form, at)
    form = DetailsForm(request.POST)
    visit.remember_details(request, {name: request.POST.get(name) for name in form.fields})
    if not form.is_valid():
        return _you_page(request, booking, form, at, status=422)
    return _send_code(request, booking, form, at)


def _send_code(
    request: HttpRequest, booking: Booking, form: DetailsForm, at: datetime
) -> HttpResponse:
    details = form.cleaned_data
    try:
        booking = keep(request, booking, minutes=MINUTES_FOR_THE_CODE, at=at)
        # A double click must not cost her the code that is already on its way.
        if joining.pending_email(request) != details["email"]:
            joining.begin_sign_in(
                request,
                email=details["email"],
                name=details["name"],
                mobile=details["mobile"],
                at=at,
            )
    except (TimeTaken, NotOffered) as refusal:
        near = buttons(nearest_times(refusal, choice_of(booking), at))
        return _you_page(request, booking, form, at, status=409, near=near)
    except joining.TooManyCodes as refusal:
        return _you_page(request, booking, form, at, status=429, trouble=str(refusal))
    except MailUnavailable as trouble:
        return _you_page(request, booking, form, at, status=503, trouble=str(trouble))
    return redirect("scheduling:code", booking.public_id)


def _you_page(
    request: HttpRequest,
    booking: Booking,
    form: DetailsForm,
    at: datetime,
    *,
    status: int = 200,
    near: list[SlotButton] | None = None,
    trouble: str = "",
) -> HttpResponse:
    context = {
        "booking": booking,
        "held_until": booking.holds_until(at),
        "form": form,
        "near": near,
        "hidden": {
            "variant": booking.variant.code,
            "location": booking.location.code,
            "therapist": "",
        },
        "trouble": trouble,
    }
    return render(request, "scheduling/you.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Type or paste the code; after it the hold is hers and the journey goes on."""
    at = timezone.now()
    booking = find_hold(request, public_id)
    if request.user.is_authenticated:
        return redirect("scheduling:check", public_id)
    if request.method != "POST":
        return _code_page(request, booking, CodeForm(), at)
    if "resend" in request.POST:
        return _resend(request, booking, at)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, booking, form, at, status=422)
    try:
        runner = joining.confirm_code(request, form.cleaned_data["code"], at=at)
    except joining.MoreToProve as more:
        return HttpResponseRedirect(more.url)
    except joining.TooManyTries as refusal:
        return _code_page(request, booking, form, at, status=429, trouble=str(refusal))
    except joining.WrongCode as wrong:
        form.add_error("code", f"{wrong} Check the newest mail, or send a new code.")
        return _code_page(request, booking, form, at, status=422)
    except joining.CodeExpired as expired:
        return _code_page(request, booking, CodeForm(), at, status=422, trouble=str(expired))
    return _adopt(request, booking, runner, at)


def _adopt(request: HttpRequest, booking: Booking, runner: User, at: datetime) -> HttpResponse:
    adopt_holds(hold_key=visit.hold_key(request), runner=runner, at=at)
    return redirect("scheduling:check", booking.public_id)


def _resend(request: HttpRequest, booking: Booking, at: datetime) -> HttpResponse:
    try:
        joining.resend_code(request)
    except joining.TooManyCodes as refusal:
        return _code_page(request, booking, CodeForm(), at, status=429, trouble=str(refusal))
    except joining.CodeExpired:
        return _ask_again(request, booking, at)
    except MailUnavailable as trouble:
        return _code_page(request, booking, CodeForm(), at, status=503, trouble=str(trouble))
    return redirect(f"{request.path}?sent=again")


def _ask_again(request: HttpRequest, booking: Booking, at: datetime) -> HttpResponse:
    """A new code for the address typed before, without typing it again."""
    form = DetailsForm(visit.typed_details(request))
    if not form.is_valid():
        return redirect("scheduling:you", booking.public_id)
    return _send_code(request, booking, form, at)


def _code_page(
    request: HttpRequest,
    booking: Booking,
    form: CodeForm,
    at: datetime,
    *,
    status: int = 200,
    trouble: str = "",
) -> HttpResponse:
    waiting_for = joining.pending_email(request)
    context = {
        "booking": booking,
        "held_until": booking.holds_until(at),
        "form": form,
        "email": waiting_for or visit.typed_details(request).get("email", ""),
        "waiting": waiting_for is not None,
        "sent_again": "sent" in request.GET,
        "trouble": trouble,
    }
    return render(request, "scheduling/code.html", context, status=status)
