"""Tokens of the content API: Wagtail's, with a term and with scopes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import F, Q
from wagtail.log_actions import log
from wagtail.models import APIToken

from accounts import auditing
from accounts.edits import Edits, note_edits
from cms.api_scopes import Scope

LONGEST = timedelta(days=366)


class TokenTerms(models.Model):
    """How long one of Wagtail's tokens is good, and for what. A token without terms opens nothing.

    Wagtail keeps the token itself: its hash, its owner, when it was used and revoked.
    """

    token = models.OneToOneField(
        "wagtailcore.APIToken", on_delete=models.CASCADE, related_name="terms"
    )
    scopes = models.JSONField(default=list)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at")), name="token_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.scopes) or 'nothing'} until {self.expires_at:%d %B %Y}"

    def allows(self, scope: Scope) -> bool:
        return scope.value in self.scopes


def watch() -> None:
    """Called when the app is ready: a token that is revoked goes into the audit trail."""
    note_edits(APIToken, Edits("token", only=("revoked_at",)))


class TokenRefused(Exception):
    """A token that opens nothing: unknown, revoked, over, or of somebody who has left."""


@transaction.atomic
def issue_token(
    *, user: Any, name: str, scopes: list[Scope], lasting: timedelta, by: Any, at: datetime
) -> tuple[APIToken, str]:
    """A token of `user` for `scopes`, and its secret, which nobody can read again.

    Raises:
        ValueError: it would last no time, or longer than a year.
    """
    if not timedelta(0) < lasting <= LONGEST:
        raise ValueError("A token lasts between a moment and a year.")
    token, secret = APIToken.create_token(user=user, name=name)
    TokenTerms.objects.create(
        token=token,
        scopes=sorted({Scope(scope).value for scope in scopes}),
        granted_at=at,
        expires_at=at + lasting,
    )
    log(token, "wagtail.apitoken.create", user=by, data={"scopes": token.terms.scopes})
    auditing.record(
        "token.issued",
        by=by,
        at=at,
        about=str(APIToken._meta.verbose_name),
        key=str(token.pk),
        runner=user,
        after={"scopes": token.terms.scopes, "expires_at": token.terms.expires_at},
    )
    return token, secret


def read_token(secret: str, *, at: datetime) -> APIToken:
    """The token behind a secret, with its owner and terms.

    Raises:
        TokenRefused: it opens nothing, with a sentence why.
    """
    found = (
        APIToken.objects.select_related("user", "terms")
        .filter(key_hash__in=APIToken.candidate_key_hashes(secret))
        .first()
    )
    if found is None or not found.user.is_active:
        raise TokenRefused("Nobody gave out this token.")
    if found.revoked_at:
        raise TokenRefused("This token was revoked.")
    terms = getattr(found, "terms", None)
    if terms is None:
        raise TokenRefused("This token was made without scopes. Make a new one.")
    if terms.expires_at <= at:
        raise TokenRefused("This token is over. Make a new one.")
    return found
