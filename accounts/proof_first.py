"""Proof before what opens an account changes, for those whom allauth would not ask.

Allauth asks again whoever has a password or a second factor, and for some changes only. Who signs
in by code alone is asked here: her last proof must be recent (`fresh`). Nobody ends sessions
without it, and nobody adds, changes or deletes people, roles or tokens in the admin.
"""

import copy
from collections.abc import Callable
from typing import Any, Final

from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.utils import get_request_param
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from accounts.doors import door_of, is_by_app
from accounts.fresh import is_fresh, where_to_prove
from accounts.models import User
from accounts.proving import BY_CODE
from accounts.security_log import note
from accounts.session_limits import by_token
from accounts.suspending import SOMETHING, after_request, before_proof, forget, suspend

# By name of the page: what she reads of it while it waits for the proof.
CHANGES: Final = {
    "account_email": "changing your address",
    "account_set_password": "setting a password",
    "mfa_activate_totp": "setting up your authenticator app",
    "mfa_add_webauthn": "adding a passkey",
    "socialaccount_connections": "taking a service off your account",
    "usersessions_list": "signing out everywhere else",
    "end_session": "signing out one browser or app",
    "wagtailusers_users:add": "adding a person",
    "wagtailusers_users:copy": "adding a person",
    "wagtailusers_users:delete": "deleting a person",
    "wagtailusers_users:edit": "changing a person's account",
    "wagtailusers_api_tokens:add": "making a token for a program",
    "wagtailusers_api_tokens:delete": "taking a token back",
    "wagtailusers_api_tokens:edit": "changing a program's token",
    "wagtailusers_groups:add": "adding a role",
    "wagtailusers_groups:delete": "deleting a role",
    "wagtailusers_groups:edit": "changing what a role may do",
}
# One address of the admin acts on many things at once, of any kind: people are one.
AT_ONCE: Final = "wagtail_bulk_action"
# These sign in as well. Whoever connects presses the button once more after the proof.
CONNECTING: Final = {"apple_login", "google_login", "strava_login"}
PROOFS: Final = {
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "prove_by_code",
}
CHANGES_BY_API: Final = {
    "account:manage_email",
    "account:change_password",
    "mfa:manage_totp",
    "mfa:manage_webauthn",
    "socialaccount:manage_providers",
    "socialaccount:provider_token",
    "socialaccount:redirect_to_provider",
    "usersessions:sessions",
}
_READING: Final = ("GET", "HEAD", "OPTIONS")


class ProofFirst:
    """Stands between whoever is signed in and the views of `CHANGES`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        after_request(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        door = door_of(request)
        if door in PROOFS:
            before_proof(request)
        if request.method in _READING:
            return None
        if door in CHANGES:
            return _page(request, what=CHANGES[door])
        if door == AT_ONCE and kwargs["model_name"].lower() == "user":
            return _page(request, what="changing several people at once")
        if door in CONNECTING and get_request_param(request, "process") == AuthProcess.CONNECT:
            return _page(request, then="socialaccount_connections")
        if door in CHANGES_BY_API:
            return _answer(request, _of_app(request) if is_by_app(request) else request)
        return None

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Where allauth asks by itself, what was posted waits by the same rules."""
        if isinstance(exception, ReauthenticationRequired) and isinstance(request.user, User):
            what = CHANGES.get(door_of(request), SOMETHING)
            return suspend(request, where_to_prove(request), what=what)
        return None


def _page(request: HttpRequest, **how: str) -> HttpResponseBase | None:
    if not isinstance(request.user, User):
        return None
    if is_fresh(request):
        forget(request)
        return None
    return suspend(request, where_to_prove(request), **how)


def _answer(request: HttpRequest, asked: HttpRequest) -> HttpResponseBase | None:
    """As allauth says it; who has nothing to show again gets a code by mail."""
    if not isinstance(asked.user, User) or is_fresh(asked):
        return None
    note("proof_asked", request, asked.user)
    flows = get_reauthentication_flows(asked.user) or [{"id": BY_CODE}]
    said = {"status": 401, "data": {"flows": flows}, "meta": {"is_authenticated": True}}
    return JsonResponse(said, status=401)


def _of_app(request: HttpRequest) -> HttpRequest:
    """An app sends its session by a header, which allauth reads only inside its view.

    There a cookie says nothing, as the header says nothing where browsers ask.
    """
    asked = copy.copy(request)
    found = by_token(request.headers.get("X-Session-Token", ""))
    if found:
        asked.user, asked.session = found
    else:
        asked.user = AnonymousUser()
    return asked
