"""Proof before what opens an account changes, for those whom allauth would not ask.

Allauth asks again whoever has a password or a second factor, and for some changes only. Who signs
in by code alone is asked here: her last proof must be recent (`fresh`). Nobody ends sessions
without it.
"""

import copy
from collections.abc import Callable
from typing import Any, Final

from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    suspend_request,
)
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse

from accounts.fresh import is_fresh, where_to_prove
from accounts.models import User
from accounts.proving import BY_CODE

CHANGES: Final = {
    "account_email",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "socialaccount_connections",
    "usersessions_list",
    "end_session",
}
# What was posted waits in the session and is carried out after the proof, but no password waits.
TYPED_AGAIN: Final = {"account_set_password"}
_HEADLESS: Final = "headless:"
CHANGES_BY_API: Final = {
    "account:manage_email",
    "account:change_password",
    "mfa:manage_totp",
    "mfa:manage_webauthn",
    "socialaccount:redirect_to_provider",
    "usersessions:sessions",
}
_READING: Final = ("GET", "HEAD", "OPTIONS")


class ProofFirst:
    """Stands between whoever is signed in and the views of `CHANGES`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method in _READING:
            return None
        if name in CHANGES:
            return _page(request, name=name)
        if name.startswith(_HEADLESS) and name.split(":", 2)[-1] in CHANGES_BY_API:
            return _answer(request)
        return None


def _page(request: HttpRequest, *, name: str) -> HttpResponseBase | None:
    if not isinstance(request.user, User) or is_fresh(request):
        return None
    if name not in TYPED_AGAIN:
        answer: HttpResponseBase = suspend_request(request, where_to_prove(request))
        return answer
    return redirect_to_login(reverse(name), where_to_prove(request))


def _answer(request: HttpRequest) -> HttpResponseBase | None:
    """As allauth says it; who has nothing to show again gets a code by mail."""
    asked = _with_session_of_app(request)
    if not isinstance(asked.user, User) or is_fresh(asked):
        return None
    flows = get_reauthentication_flows(asked.user) or [{"id": BY_CODE}]
    said = {"status": 401, "data": {"flows": flows}, "meta": {"is_authenticated": True}}
    return JsonResponse(said, status=401)


def _with_session_of_app(request: HttpRequest) -> HttpRequest:
    """An app sends its session by a header, which allauth reads only inside its view."""
    token = request.headers.get("X-Session-Token")
    found = authenticate_by_x_session_token(token) if token else None
    if not found:
        return request
    asked = copy.copy(request)
    asked.user, asked.session = found  # type: ignore[assignment]
    return asked
