"""``Idempotency-Key``: a client may send a POST twice and get one effect and the same answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from accounts.session_limits import by_token
from cms.api_tokens import TokenRefused, read_token
from portal.api.models import IdempotentAnswer
from portal.api.problems import problem

PREFIX = "/api/v1/"
KEEP_FOR = timedelta(hours=24)
# A request that died without an answer frees its key after this; no request runs as long.
GIVE_UP_AFTER = timedelta(minutes=2)
_NOT_KEPT = {401, 409, 429}
_KEEP_NOTHING = "_keep_nothing_of_the_answer"


class IdempotencyMiddleware:
    """Answers a repeated POST under our API from the first answer.

    The same key with another path or body is 409 ``idempotency_key_reused``; while the first
    is still running 409 ``idempotency_key_in_use``. Server errors, 401, 409 and 429 are not
    kept: the same key may then be tried again. Nor is what `keep_nothing` was said of.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method != "POST" or not request.path.startswith(PREFIX):
            return self.get_response(request)
        if len(key) > 255:
            return problem(400, "idempotency_key_too_long", "The key has at most 255 characters.")
        return self._once(request, key, timezone.now())

    def _once(self, request: HttpRequest, key: str, at: datetime) -> HttpResponseBase:
        fingerprint = _fingerprint(request)
        claimed, answer = _claim(_caller(request), key, fingerprint, at)
        if claimed:
            return self._first(request, answer)
        if answer.fingerprint != fingerprint:
            return problem(
                409, "idempotency_key_reused", "This key was used for a different request."
            )
        if answer.status is None:
            return problem(409, "idempotency_key_in_use", "The first request is still running.")
        response = HttpResponse(
            bytes(answer.body), status=answer.status, content_type=answer.content_type
        )
        response["Idempotent-Replayed"] = "true"
        return response

    def _first(self, request: HttpRequest, answer: IdempotentAnswer) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        except Exception:
            answer.delete()
            raise
        if not _may_be_kept(request, response):
            answer.delete()
            return response
        # An update, not a save: a request slower than we give it has lost its row, and still
        # deserves its answer.
        IdempotentAnswer.objects.filter(pk=answer.pk).update(
            status=response.status_code,
            content_type=response.get("Content-Type", ""),
            body=getattr(response, "content", b""),
        )
        return response


def keep_nothing(request: HttpRequest) -> None:
    """Called by a view whose answer must not lie about, such as an export: it is made anew."""
    setattr(request, _KEEP_NOTHING, True)


def _may_be_kept(request: HttpRequest, response: HttpResponseBase) -> bool:
    may_change = response.status_code >= 500 or response.status_code in _NOT_KEPT
    return not (may_change or response.streaming or hasattr(request, _KEEP_NOTHING))


def forget_old_answers(*, at: datetime) -> int:
    """Delete answers older than a day. Returns how many."""
    deleted, _ = IdempotentAnswer.objects.filter(created_at__lt=at - KEEP_FOR).delete()
    return deleted


def _claim(caller: str, key: str, fingerprint: str, at: datetime) -> tuple[bool, IdempotentAnswer]:
    """``(True, row)`` when this request is the first to use the key."""
    IdempotentAnswer.objects.filter(
        caller=caller, key=key, status=None, created_at__lt=at - GIVE_UP_AFTER
    ).delete()
    try:
        with transaction.atomic():
            return True, IdempotentAnswer.objects.create(
                caller=caller, key=key, fingerprint=fingerprint, created_at=at
            )
    except IntegrityError:
        earlier = IdempotentAnswer.objects.filter(caller=caller, key=key).first()
        # The first one failed between our two looks: as good as still running.
        running = IdempotentAnswer(caller=caller, key=key, fingerprint=fingerprint)
        return False, earlier or running


def _caller(request: HttpRequest) -> str:
    """Keys of different people never meet, whatever they sign in with.

    Who it is belongs to it: with a proof that is over, nobody finds what it found before.
    """
    proofs = [
        _signed_in_as(request),
        request.headers.get("Authorization", ""),
        request.headers.get("X-Session-Token", ""),
        request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""),
    ]
    return hashlib.sha256("\n".join(proofs).encode()).hexdigest()


def _signed_in_as(request: HttpRequest) -> str:
    """Public ids of whom the proofs stand for now; empty for a guest, and for proofs gone bad."""
    found = [_by_token(request), _by_bearer(request), getattr(request, "user", None)]
    return " ".join(str(user.public_id) if isinstance(user, User) else "-" for user in found)


def _by_token(request: HttpRequest) -> User | None:
    found = by_token(request.headers.get("X-Session-Token", ""), asked_by_itself=True)
    return found[0] if found else None


def _by_bearer(request: HttpRequest) -> User | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    try:
        user: User = read_token(token.strip(), at=timezone.now()).user
    except TokenRefused:
        return None
    return user


def _fingerprint(request: HttpRequest) -> str:
    """With our secret: a body may be a yes or a no, which a plain hash does not hide."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return salted_hmac(__name__, head + request.body, algorithm="sha256").hexdigest()
