"""Who asks the content API: the bearer of a token, or nobody in particular."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from wagtail.api.v3.auth import BearerTokenAuth

from cms.api_errors import ContentRefused
from cms.api_scopes import Scope
from cms.api_tokens import TokenRefused, read_token


class ContentToken(BearerTokenAuth):
    """``Authorization: Bearer …`` with a token that allows `scope`; None: with any good token.

    With `optional`, a good token without the scope reads what everybody may read. A token that
    opens nothing is 401 everywhere: a program whose token is over should not go on unnoticed.
    """

    def __init__(self, scope: Scope | None = None, *, optional: bool = False) -> None:
        super().__init__()
        self.scope = scope
        self.optional = optional

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        request.user = AnonymousUser()  # whatever session came along
        try:
            found = read_token(token, at=timezone.now())
        except TokenRefused as refusal:
            raise ContentRefused(401, "token_refused", str(refusal)) from refusal
        self._touch_last_used(found)
        if self.scope is not None and not found.terms.allows(self.scope):
            if self.optional:
                return None
            raise scope_missing(self.scope)
        request.user = found.user
        return found


def scope_missing(scope: Scope) -> ContentRefused:
    return ContentRefused(
        403, "scope_missing", f"This token is not for that: {scope.label}.", scope=scope.value
    )
