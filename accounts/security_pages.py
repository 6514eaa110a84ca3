"""The pages about signing in that allauth has none of: all of it at a glance, one session, the
second factor of staff, and the offer of a passkey.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.second_factor import FACTORS, has_second_factor, is_member_of_staff

OFFERED: Final = f"{settings.COOKIE_PREFIX}passkey_offered"  # this browser has seen the offer
_OFFER_AGAIN: Final = timedelta(days=180)
_GOING_TO: Final = "second_factor_next"  # session key: where somebody was led away from
_AREA_OF_STAFF: Final = "/staff/"


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody signs in."""

    passkeys: int
    has_app: bool
    codes_left: int | None  # None: no codes, because there is nothing they would stand in for
    sessions: int
    may_connect: bool  # a provider such as Google is set up
    needs_second_factor: bool


@never_cache
@require_safe
@login_required
def security(request: HttpRequest) -> HttpResponse:
    """Everything about how she signs in, on one page, each with what it is now."""
    ways = _ways_of(_somebody(request), request)
    return render(request, "account/security.html", {"ways": ways})


def _ways_of(user: User, request: HttpRequest) -> Ways:
    factors = list(Authenticator.objects.filter(user=user))
    kinds = [factor.type for factor in factors]
    codes = [factor for factor in factors if factor.type == Authenticator.Type.RECOVERY_CODES]
    return Ways(
        passkeys=kinds.count(Authenticator.Type.WEBAUTHN),
        has_app=Authenticator.Type.TOTP in kinds,
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
        sessions=len(UserSession.objects.purge_and_list(user)),
        may_connect=bool(get_social_adapter().list_providers(request)),
        needs_second_factor=is_member_of_staff(user) and not set(kinds) & set(FACTORS),
    )


@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """One browser or app is signed out; somebody else's is not there."""
    if request.method != "POST":  # who turns back from the proof it asks for
        return redirect("usersessions_list")
    session = get_object_or_404(UserSession, pk=pk, user=_somebody(request))
    end_sessions(request, [session])
    if not request.user.is_authenticated:
        return redirect("account_login")
    messages.success(request, "That one is signed out.")
    return redirect("usersessions_list")


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
    return render(request, "account/second_factor_needed.html")


@never_cache
@require_safe
@login_required
def passkey_offer(request: HttpRequest) -> HttpResponse:
    """After signing in without one, once in each browser: the next time could be quicker."""
    response = render(request, "account/passkey_offer.html")
    response.set_cookie(
        OFFERED,
        "yes",
        max_age=_OFFER_AGAIN,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def would_like_passkey(request: HttpRequest) -> bool:
    """Signed in, without a passkey, and not asked before in this browser."""
    mine = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN)
    return OFFERED not in request.COOKIES and not mine.exists()


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
