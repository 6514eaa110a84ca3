"""The page about signing in, and the way staff are led to their second factor."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.second_factor import FACTORS, has_second_factor, is_member_of_staff

_GOING_TO = "second_factor_next"  # session key: where somebody was led away from
_AREA_OF_STAFF = "/staff/"


@never_cache
@require_safe
@login_required
def security(request: HttpRequest) -> HttpResponse:
    """Everything about how she signs in, on one page, each with what it is now."""
    user = _somebody(request)
    return render(request, "account/security.html", _how_she_signs_in(user))


def _how_she_signs_in(user: User) -> dict[str, Any]:
    kinds = [kind for (kind,) in Authenticator.objects.filter(user=user).values_list("type")]
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return {
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_app": Authenticator.Type.TOTP in kinds,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "sessions": UserSession.objects.filter(user=user).count(),
        "is_staff": is_member_of_staff(user),
        "has_second_factor": bool({*kinds} & {*FACTORS}),
    }


@never_cache
@require_safe
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where staff are led: set one up, or show it, then back to where they were going."""
    user = _somebody(request)
    _remember_where_to(request)
    if not user.is_held_back:
        return redirect(request.session.pop(_GOING_TO, _home(user)))
    if has_second_factor(user):
        return _challenge(request, user)
    return render(
        request, "account/second_factor_needed.html", {"is_staff": is_member_of_staff(user)}
    )


def _challenge(request: HttpRequest, user: User) -> HttpResponseRedirect:
    by_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    page = reverse("mfa_reauthenticate" if by_app else "mfa_reauthenticate_webauthn")
    where_to = request.session.get(_GOING_TO, _home(user))
    return HttpResponseRedirect(f"{page}?{urlencode({'next': where_to})}")


def _remember_where_to(request: HttpRequest) -> None:
    where_to = request.GET.get("next", "")
    if where_to and get_adapter(request).is_safe_url(where_to):
        request.session[_GOING_TO] = where_to


def _home(user: User) -> str:
    return _AREA_OF_STAFF if is_member_of_staff(user) else reverse("security")


def _somebody(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - login_required let her in
    return request.user
