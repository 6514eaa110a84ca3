"""What somebody began waits for the proof that it is her: not for long, and not for a mere look.

allauth keeps what was posted in the session for as long as that lives, with all its headers. Here
it waits a quarter of an hour, goes when she looks at the page anew or needs no proof any more, and
is carried out as asked from where it was proven. Neither passwords nor headers wait.
"""

import json
import time
from typing import Any, Final

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal.httpkit import serialize_request
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.security_log import note

WAITS_FOR: Final = 15 * 60  # seconds
SOMETHING: Final = "what you sent a moment ago"
_REQUEST: Final = "request"  # allauth's key of what was posted, and ours beside it
_AT: Final = "at"
_WHAT: Final = "what"
# A cookie that opens the session is nothing to keep in the session.
_COOKIES: Final = "HTTP_COOKIE"


def suspend(
    request: HttpRequest, where_to_prove: str, *, what: str = SOMETHING, then: str = ""
) -> HttpResponseRedirect:
    """Lead her to the proof, and note it. What was posted is carried out after it.

    `what` says on the page of the proof what that is: "deleting your account". With a name of a
    page as `then`, nothing waits: she goes on there. Nor does what has a password in it, which she
    types again.
    """
    forget(request)
    note("proof_asked", request, request.user if isinstance(request.user, User) else None)
    where_to = reverse(then) if then else request.get_full_path()
    if request.method == "POST" and not then:
        where_to = request.path  # allauth carries it out at just this path, and keeps the query
        if not _has_password(request):
            request.session[STATE_SESSION_KEY] = {
                _REQUEST: _with_headers(serialize_request(request), {}),
                _AT: time.time(),
                _WHAT: what,
            }
    return HttpResponseRedirect(f"{where_to_prove}?{urlencode({'next': where_to})}")


def forget(request: HttpRequest) -> None:
    """It is not needed any more, or something else was begun."""
    request.session.pop(STATE_SESSION_KEY, None)


def what_waits(request: HttpRequest) -> str:
    """What the proof on this page is followed by; nothing where it only leads on."""
    state = request.session.get(STATE_SESSION_KEY)
    if not state:
        return ""
    if _REQUEST in state and _path_of(state) != get_next_redirect_url(request):
        return ""
    return str(state.get(_WHAT, SOMETHING))


def before_proof(request: HttpRequest) -> None:
    """On each page that takes a proof: what is old goes, what is not gets the headers of now."""
    state = request.session.get(STATE_SESSION_KEY)
    if not state:
        return
    if time.time() - state.get(_AT, 0) >= WAITS_FOR:
        forget(request)
    elif _REQUEST in state and request.method == "POST":
        posted = json.loads(state[_REQUEST])
        as_posted = {"PATH_INFO": posted["path_info"], "QUERY_STRING": posted["GET"]}
        now = {name: said for name, said in request.META.items() if isinstance(said, str)}
        now.pop(_COOKIES, None)
        state[_REQUEST] = _with_headers(state[_REQUEST], now | as_posted)


def after_request(request: HttpRequest) -> None:
    """Before a session is saved: no headers in it, and allauth's own get their time, too."""
    session = request.session
    state = session.get(STATE_SESSION_KEY) if session.modified else None
    if not state:
        return
    state.setdefault(_AT, time.time())
    if _REQUEST in state:
        state[_REQUEST] = _with_headers(state[_REQUEST], {})


def _with_headers(request: str, headers: dict[str, str]) -> str:
    """`request` as allauth writes it down."""
    return json.dumps(json.loads(request) | {"META": headers})


def _path_of(state: dict[str, Any]) -> str:
    path: str = json.loads(state[_REQUEST])["path"]
    return path


def _has_password(request: HttpRequest) -> bool:
    return any("password" in name and typed for name, typed in request.POST.items())
