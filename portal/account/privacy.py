"""Data and privacy: what we hold, what she agreed to, take it away, leave."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.erasing import ErasureRefused, ask_for_erasure, take_back
from accounts.fresh import fresh_sign_in
from accounts.health_data import reads_of
from portal import privacy_page as reading
from portal.account.who import signed_in_runner
from portal.privacy_files import export_for
from scheduling.web.posting import posted_from

PAGE = "portal_account:privacy"
TYPED = "delete"
READINGS = 50


class LeaveForm(forms.Form):
    """Typed, so that nobody deletes an account by one careless click."""

    typed = forms.CharField(label=f"Type the word “{TYPED}” to confirm", max_length=20)
    gives_up_credits = forms.BooleanField(label="I give up these credits", required=False)

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed.strip().lower() != TYPED:
            raise forms.ValidationError(f"Type the word “{TYPED}”, nothing else.")
        return typed


@require_safe
@never_cache
@login_required
def privacy(request: HttpRequest) -> HttpResponse:
    """The page: choices, who read what, what is kept, take away, leave."""
    person = signed_in_runner(request)
    context = {
        "choices": reading.choices_of(person),
        "decisions": reading.decisions_of(person),
        "readings": reads_of(person, most=READINGS),
        "kept": reading.what_is_kept(),
        "leaving": reading.leaving_of(person, at=timezone.now()),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "portal/account/privacy.html", context)


@posted_from(PAGE)
@never_cache
@login_required
@fresh_sign_in("downloading all we keep about you")
def export(request: HttpRequest) -> HttpResponse:
    """Everything about her, as one file."""
    person, at = signed_in_runner(request), timezone.now()
    return export_for(person, by=person, at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@fresh_sign_in("asking for your account to be deleted")
def erasure(request: HttpRequest) -> HttpResponse:
    """What will happen in plain words, and the form."""
    person, at = signed_in_runner(request), timezone.now()
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_erasure(
                person=person,
                by=person,
                at=at,
                gives_up_credits=form.cleaned_data["gives_up_credits"],
            )
        except ErasureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Noted. You can take it back on this page until it happens.")
            return redirect(PAGE)
    return _leave_page(request, form, reading.leaving_of(person, at=at))


def _leave_page(request: HttpRequest, form: forms.Form, leaving: Any) -> HttpResponse:
    context = {"form": form, "leaving": leaving, "zone": settings.TIME_ZONE}
    status = 422 if form.errors else 200
    return render(request, "portal/account/erasure.html", context, status=status)


@posted_from(PAGE)
@never_cache
@login_required
def keep(request: HttpRequest) -> HttpResponse:
    """She changed her mind."""
    person = signed_in_runner(request)
    if take_back(person=person, by=person, at=timezone.now()):
        messages.success(request, "Your account stays. Nothing was deleted.")
    return redirect(PAGE)
