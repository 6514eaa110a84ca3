"""The second factor of staff: who must have one, who has, and whether a session has shown it.

A member of staff is whoever may do more than a runner: by a role, by hand, or as superuser.
"""

from types import SimpleNamespace
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts.models import User

# Recovery codes stand in for one of these; alone they are none.
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def members_of_staff() -> QuerySet[User]:
    people: QuerySet[User] = User.objects.working_here().filter(is_active=True)
    return people


def is_member_of_staff(user: User | AnonymousUser) -> bool:
    if not user.is_authenticated:
        return False
    if user.is_staff or user.is_superuser:
        return True
    return bool(User.objects.working_here().filter(pk=user.pk).exists())


def staff_without_second_factor() -> QuerySet[User]:
    """Whom I25 speaks of: they can sign in, and every staff page sends them to set one up."""
    theirs = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    return members_of_staff().filter(~Exists(theirs))


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def was_shown(user: Any, session: SessionBase) -> bool:
    """Whether a factor shown in this session is one the person still has."""
    # allauth keeps what was shown in the session, and asks for a request only to get at it.
    request: Any = SimpleNamespace(session=session)
    shown = [
        record.get("id")
        for record in get_authentication_records(request, user)
        if record["method"] == "mfa"
    ]
    if not shown:
        return False
    return bool(Authenticator.objects.filter(user_id=user.pk, pk__in=shown).exists())


def count_new_factor_as_shown(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    """Setting a factor up took a proof of it: nobody types a second code right after the first.

    Nor for the recovery codes that follow, which are shown to whoever has just confirmed.
    """
    if authenticator.type in FACTORS:
        kind = str(authenticator.type)
        record_authentication(
            request, user, "mfa", id=authenticator.pk, type=kind, reauthenticated=True
        )
