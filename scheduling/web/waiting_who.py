"""Who waits: an address, then the code from the mail. The wish is kept in the session."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import joining
from accounts.mailing import MailUnavailable
from scheduling.forms import CodeForm, EmailForm
from scheduling.web import visit
from scheduling.web.waiting import put_on_list
from scheduling.web.wishing import remembered_wish


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def you(request: HttpRequest) -> HttpResponse:
    """One field: where to tell her."""
    if request.user.is_authenticated or not remembered_wish(request):
        return redirect("scheduling:waitlist")
    if request.method != "POST":
        form = EmailForm(initial={"email": visit.typed_details(request).get("email", "")})
        return _you_page(request, form)
    form = EmailForm(request.POST)
    if not form.is_valid():
        return _you_page(request, form, status=422)
    return _send_code(request, form, timezone.now())


def _send_code(request: HttpRequest, form: EmailForm, at: datetime) -> HttpResponse:
    email = form.cleaned_data["email"]
    try:
        # A double click must not cost her the code that is already on its way.
        if joining.pending_email(request) != email:
            joining.begin_sign_in(request, email=email, name="", mobile="", at=at)
    except joining.TooManyCodes as refusal:
        return _you_page(request, form, status=429, trouble=str(refusal))
    except MailUnavailable as trouble:
        return _you_page(request, form, status=503, trouble=str(trouble))
    return redirect("scheduling:waitlist_code")


def _you_page(
    request: HttpRequest, form: EmailForm, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    context = {"form": form, "trouble": trouble}
    return render(request, "scheduling/waitlist_you.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Type or paste the code; after it the wish is on the list."""
    at = timezone.now()
    if request.user.is_authenticated or not remembered_wish(request):
        return redirect("scheduling:waitlist")
    if request.method != "POST":
        return _code_page(request, CodeForm())
    if "resend" in request.POST:
        return _resend(request)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form, status=422)
    try:
        runner = joining.confirm_code(request, form.cleaned_data["code"], at=at)
    except joining.MoreToProve as more:
        return HttpResponseRedirect(more.url)
    except joining.TooManyTries as refusal:
        return _code_page(request, form, status=429, trouble=str(refusal))
    except joining.WrongCode as wrong:
        form.add_error("code", f"{wrong} Check the newest mail, or send a new code.")
        return _code_page(request, form, status=422)
    except joining.CodeExpired as expired:
        return _code_page(request, CodeForm(), status=422, trouble=str(expired))
    return put_on_list(request, runner, remembered_wish(request))


def _resend(request: HttpRequest) -> HttpResponse:
    try:
        joining.resend_code(request)
    except joining.TooManyCodes as refusal:
        return _code_page(request, CodeForm(), status=429, trouble=str(refusal))
    except joining.CodeExpired:
        return redirect("scheduling:waitlist_you")
    except MailUnavailable as trouble:
        return _code_page(request, CodeForm(), status=503, trouble=str(trouble))
    return redirect(f"{request.path}?sent=again")


def _code_page(
    request: HttpRequest, form: CodeForm, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "email": joining.pending_email(request) or "",
        "sent_again": "sent" in request.GET,
        "trouble": trouble,
    }
    return render(request, "scheduling/waitlist_code.html", context, status=status)
