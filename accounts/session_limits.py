"""How long a session lasts: of staff until they leave it alone, of anybody until it is old.

A session keeps when it began and, for staff, when it was last used. Pages that ask again by
themselves do not count as use, or a forgotten screen at the desk would never sign itself out.
"""

import time
from collections.abc import Callable
from typing import Final

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.second_factor import is_member_of_staff

BEGAN: Final = "session_began"
USED: Final = "session_used"  # kept for staff alone, and so the mark of a session of theirs
_EVERY_SECONDS: Final = 60  # a write for each click would be one too many


class LimitedSessions:
    """Ties whoever is signed in to the session, and signs out whoever's session is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # As lazy as Django's own: a page that asks nobody's name must not touch the session.
        # allauth resets it for an app's session, so it looks at the request anew each time.
        request.user = SimpleLazyObject(lambda: _whoever(request))  # type: ignore[assignment]
        return self.get_response(request)


def _whoever(request: HttpRequest) -> User | AnonymousUser:
    user = get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    if tie(user, request.session, asked_by_itself=_asked_by_itself(request)):
        return user
    request._cached_user = AnonymousUser()  # type: ignore[attr-defined]
    return AnonymousUser()


def tie(user: User, session: SessionBase, *, asked_by_itself: bool = False) -> bool:
    """Tie a user to the session they came with; False, and the session gone, if it is over."""
    now = time.time()
    if _is_over(session, now):
        session.flush()
        return False
    user.session_in_use = session
    if USED in session and not asked_by_itself and now - session[USED] >= _EVERY_SECONDS:
        session[USED] = now
    return True


def by_token(token: str, *, asked_by_itself: bool = False) -> tuple[User, SessionBase] | None:
    """Whose session an app's token is, tied to it; nobody's, if there is none or it is over."""
    found = authenticate_by_x_session_token(token) if token else None
    if found is None:
        return None
    user, session = found
    return found if tie(user, session, asked_by_itself=asked_by_itself) else None


def begin(sender: object, request: HttpRequest, user: User, **kwargs: object) -> None:
    """Somebody signed in: the clock starts."""
    request.session[BEGAN] = time.time()
    request.session.pop(USED, None)
    if is_member_of_staff(user):
        count_as_staff(request.session)


def renew(sender: object, request: HttpRequest, user: User, **extra: object) -> None:
    """Somebody proved again who she is: another key, so that one stolen before is no use now.

    An app keeps its key: it is the token the app knows.
    """
    session = request.session
    before = session.session_key
    if not extra.get("reauthenticated") or before != request.COOKIES.get(
        settings.SESSION_COOKIE_NAME
    ):
        return
    session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=session.session_key)


def count_as_staff(session: SessionBase) -> None:
    """From now on the limits of staff hold: also for whoever got a role since signing in."""
    if USED not in session:
        session[USED] = time.time()


def _is_over(session: SessionBase, now: float) -> bool:
    began = session.get(BEGAN)
    if began is None:  # from before there were limits
        session[BEGAN] = now
        return False
    used = session.get(USED)
    if used is None:
        return bool(now - began >= settings.SESSION_COOKIE_AGE)
    idle, longest = settings.STAFF_IDLE_MINUTES * 60, settings.STAFF_SESSION_HOURS * 3600
    return bool(now - used >= idle or now - began >= longest)


def _asked_by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and request.headers.get("HX-Request") == "true"
