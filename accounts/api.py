"""Who is asking: how the API knows a runner or a member of staff."""

from typing import Any

from allauth.headless.contrib.ninja.security import XSessionTokenAuth
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.security import SessionAuth
from wagtail.api.v3.auth import AllowAnonymous

from accounts.models import User
from accounts.session_limits import by_token


class SessionTokenAuth(XSessionTokenAuth):
    """The token that allauth's headless app client hands out, in ``X-Session-Token``."""

    openapi_in = "header"
    openapi_name = "X-Session-Token"

    def __call__(self, request: HttpRequest) -> Any:
        found = by_token(self.get_session_token(request) or "")
        if found is None:
            return None
        user, session = found
        if session.modified:
            session.save()  # no middleware does, for a session that came in a header
        # allauth's own class leaves request.user anonymous.
        request.user = user
        return user


class SameSiteSessionAuth(SessionAuth):
    """The portal's own session cookie; every unsafe method needs the CSRF token with it."""

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        return request.user if isinstance(request.user, User) else None


signed_in = [SessionTokenAuth(), SameSiteSessionAuth()]
# For answers that say more to somebody signed in, and are for everybody.
anybody = [*signed_in, AllowAnonymous()]


def caller(request: HttpRequest) -> User:
    """Who sent a request to an operation that asks for signing in.

    Raises:
        PermissionDenied: nobody did; the API answers 401.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
