"""The page where somebody without password or factor proves by a code that it is her."""

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.fresh import is_fresh
from accounts.joining import CodeExpired, TooManyCodes, TooManyTries, WrongCode
from accounts.mailing import MailUnavailable
from accounts.models import User
from accounts.proving import BY_CODE, confirm_code, is_code_awaited, send_code, ways_of
from accounts.suspending import forget


class CodeAgain(forms.Form):
    code = forms.CharField(
        label="Code", max_length=20, error_messages={"required": "Type the six digits."}
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prove_by_code(request: HttpRequest) -> HttpResponse:
    """Ask for a code, type it, and go on with what was begun: nothing typed there is lost."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required let her in
    where_to = get_next_redirect_url(request) or reverse("security")
    if ways_of(user) != [BY_CODE]:
        again = urlencode({"next": where_to})
        return redirect(f"{reverse('account_reauthenticate')}?{again}")
    if is_fresh(request) and not is_code_awaited(request, user):
        forget(request)
        return redirect(where_to)
    if request.method != "POST":
        return _page(request, user, CodeAgain(), where_to)
    if request.POST.get("action") == "send":
        return _send(request, user)
    return _confirm(request, user, where_to)


def _send(request: HttpRequest, user: User) -> HttpResponse:
    try:
        send_code(request, user)
    except (TooManyCodes, MailUnavailable) as trouble:
        messages.error(request, str(trouble))
    return redirect(request.get_full_path())


def _confirm(request: HttpRequest, user: User, where_to: str) -> HttpResponse:
    form = CodeAgain(request.POST)
    if form.is_valid():
        try:
            confirm_code(request, user, form.cleaned_data["code"])
        except TooManyTries as refusal:
            form.add_error("code", str(refusal))
            return _page(request, user, form, where_to, status=429)
        except WrongCode as wrong:
            form.add_error("code", str(wrong))
        except CodeExpired as expired:
            messages.error(request, str(expired))
            return redirect(request.get_full_path())
        else:
            return resume_request(request) or redirect(where_to)
    return _page(request, user, form, where_to)


def _page(
    request: HttpRequest, user: User, form: CodeAgain, where_to: str, *, status: int = 0
) -> HttpResponse:
    context = {
        "form": form,
        "email": user.email,
        "is_awaited": is_code_awaited(request, user),
        "where_to": where_to,
    }
    status = status or (422 if form.errors else 200)
    return render(request, "account/prove_by_code.html", context, status=status)
