"""Sign in and join by one form: an address, then the code from the mail.

Known and unknown addresses get the same answer, in words, status and effort. The steps are
allauth's login by code, so its limits, its second factor and its session list hold here too.
The session survives the sign-in, and with it the hold on a time.
"""

import uuid
from datetime import datetime

from allauth.account.internal.constants import LoginStageKey
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import get_pending_stage, redirect_to_pending_stage
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.account.stages import LoginStageController
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest
from django.utils import timezone

from accounts import failed_tries
from accounts.addresses import as_stored
from accounts.bouncing import mend
from accounts.models import RunnerProfile, User
from accounts.second_factor import is_member_of_staff
from accounts.security_log import note

_DETAILS = "joining"  # session key: what she typed, until the address is hers


class JoiningError(Exception):
    """A step of signing in that cannot happen; str() is a sentence for the page."""


class TooManyCodes(JoiningError):
    def __str__(self) -> str:
        return "That is many codes in a short time. Please wait a minute, then ask again."


class TooManyTries(JoiningError):
    def __str__(self) -> str:
        return "That is a lot of tries. Please wait a minute, then type the code again."


class WrongCode(JoiningError):
    def __init__(self, attempts_left: int) -> None:
        self.attempts_left = attempts_left

    def __str__(self) -> str:
        tries = "one try" if self.attempts_left == 1 else f"{self.attempts_left} tries"
        return f"That is not the code in the mail. You have {tries} left."


class CodeExpired(JoiningError):
    def __str__(self) -> str:
        return "This code no longer works. We can send you a new one."


class MoreToProve(JoiningError):
    """The code was right, and this account asks for a second factor at ``url``."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __str__(self) -> str:
        return "One more step: confirm that it is you."


def begin_sign_in(
    request: HttpRequest, *, email: str, name: str, mobile: str, at: datetime
) -> None:
    """Send a six-digit code to ``email`` and remember name and mobile until it is typed.

    Call it for a visitor who is signed out. Asking again replaces the earlier code.

    Raises:
        TooManyCodes: allauth's limit per address or per visitor is reached; no mail was sent.
        MailUnavailable: the mail server did not take it; asking again is safe.
    """
    email = as_stored(email)
    count_code(request, email=email)
    request.session[_DETAILS] = {"email": email, "name": name.strip(), "mobile": mobile.strip()}
    user = find_or_add(email, at=at)
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=email)


def pending_email(request: HttpRequest) -> str | None:
    """The address a code was sent to in this session, while the code can still be typed."""
    process = _process(request)
    return process.state.get("email") if process else None


def resend_code(request: HttpRequest) -> None:
    """Send a new code to the same address; the old one stops working.

    Raises:
        CodeExpired: no code is being waited for; ask for the address again.
        TooManyCodes: enough codes were sent.
    """
    process = _process(request)
    if process is None:
        raise CodeExpired
    if not process.can_resend:
        raise TooManyCodes
    count_code(request, email=process.state["email"])
    process.resend()


def confirm_code(request: HttpRequest, code: str, *, at: datetime) -> User:
    """Sign in whoever read the code in the mail; the session's other contents stay.

    Raises:
        TooManyTries: too many failed from where she is; the code was not looked at.
        WrongCode: not the code; how many tries are left.
        CodeExpired: too late, or the last try was wrong; ask for a new code.
        MoreToProve: right, but this account has a second factor to show first.
    """
    process = _process(request)
    if process is None:
        raise CodeExpired
    check_code(process, request, code)
    user: User = process.user
    details = request.session.pop(_DETAILS, None)
    process.finish(None)
    if not request.user.is_authenticated:
        request.session[_DETAILS] = details
        raise _what_is_missing(request)
    _keep(details, user, at=at)
    return user


def keep_details_after_second_factor(
    sender: object, request: HttpRequest, user: User, **kwargs: object
) -> None:
    """A sign-in finished on one of allauth's own pages keeps what was typed before it, too."""
    _keep(request.session.pop(_DETAILS, None), user, at=timezone.now())


def _keep(details: dict[str, str] | None, user: User, *, at: datetime) -> None:
    """Write name and mobile, if they were typed for this address. Her own name is kept."""
    if not details or details["email"] != user.email:
        return
    name_once(user, details["name"])
    profile, created = RunnerProfile.objects.get_or_create(
        user=user, defaults={"mobile": details["mobile"][:32], "created_at": at}
    )
    if not created and details["mobile"] and profile.mobile != details["mobile"]:
        profile.mobile = details["mobile"][:32]
        profile.save(update_fields=["mobile"])


def name_once(user: User, name: str) -> None:
    """Call somebody what she says, if she has no name yet.

    What staff are called is not for a visitor's form to say: `accounts.names`.
    """
    if name and not user.name and not is_member_of_staff(user):
        user.name = name[:120]
        user.save(update_fields=["name"])


def forget_unproven(*, before: datetime) -> int:
    """Delete people whose address nobody ever proved and who joined before ``before``."""
    forgotten = 0
    for user in User.objects.unproven().filter(joined_at__lt=before)[:500]:
        try:
            with transaction.atomic():
                user.delete()
        except (ProtectedError, RestrictedError):
            continue  # something of theirs must be kept, so they are too
        forgotten += 1
    return forgotten


def count_code(request: HttpRequest, *, email: str, by: User | None = None) -> None:
    """A code is asked for; `by` is signed in, and what strangers ask for keeps her from none.

    Raises:
        TooManyCodes: no further one is to be sent now.
    """
    action = "prove_code" if by else "request_login_code"
    if not ratelimit.consume(request, action=action, key=email, user=by):
        note("too_many_tries", request, by)
        raise TooManyCodes


def check_code(
    process: AbstractCodeVerificationProcess,
    request: HttpRequest,
    code: str,
    *,
    by: User | None = None,
) -> None:
    """Whether it is the one that was sent; `by` is who proves it again, being signed in.

    Raises:
        TooManyTries: too many failed, of hers or of this place; the code was not looked at.
        WrongCode: not the code; how many tries are left.
        CodeExpired: that was the last try.
    """
    if not failed_tries.may_try(request, by=by):
        raise TooManyTries
    if compare_user_code(actual=code.strip(), expected=process.code):
        return
    failed_tries.count(request, by=by)
    note("code_refused", request, process.user)
    if not process.record_invalid_attempt():
        raise CodeExpired
    raise WrongCode(process.max_attempts - process.state["failed_attempts"])


def find_or_add(email: str, *, at: datetime) -> User | None:
    """Whose address this is; an unknown one gets a person without password.

    None for somebody who may not sign in: the page says the same, the code never comes.
    """
    known = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    if known:
        found: User = known[0]
        look_for_nobody(times=2)
        add_nobody()
        return found
    user, _created = User.objects.get_or_create(
        email=email, defaults={"password": make_password(None), "joined_at": at}
    )
    return user if user.is_active else None


def look_for_nobody(*, times: int) -> None:
    """An address that nobody has is looked for more often than one that is found at once."""
    for _ in range(times):
        User.objects.filter(email=f"{uuid.uuid4().hex}@nobody.invalid").first()


def add_nobody(*, with_address: bool = False) -> None:
    """The effort of adding a person, for nobody: a known address takes as long as a new one.

    ``with_address``: as much as joining by allauth's form takes, which writes the address too.
    """
    with transaction.atomic():
        nobody = User(email=f"{uuid.uuid4().hex}@nobody.invalid", password=make_password(None))
        nobody.save(force_insert=True)
        if with_address:
            nobody.name = "Nobody"  # a name is weighed: is she one of staff, whom she might imitate
            nobody.save(update_fields=["name"])
            EmailAddress.objects.create(user=nobody, email=nobody.email, primary=True)
            for _ in range(5):  # what allauth asks on its way to the mail
                EmailAddress.objects.filter(user=nobody, email=nobody.email).first()
        transaction.set_rollback(True)


def _process(request: HttpRequest) -> LoginCodeVerificationProcess | None:
    stage = LoginStageController.enter(request, LoginStageKey.LOGIN_BY_CODE.value)
    return LoginCodeVerificationProcess.resume(stage) if stage else None


def _what_is_missing(request: HttpRequest) -> JoiningError:
    stage = get_pending_stage(request)
    if stage is None:
        return CodeExpired()
    return MoreToProve(redirect_to_pending_stage(request, stage).url)


def remember_proven_address(sender: object, user: User, method: str, **kwargs: object) -> None:
    """allauth marks an address verified only where it has a row; give it one in time."""
    email = kwargs.get("email")
    if method == "code" and email == user.email:
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True})
        mend(user.email, at=timezone.now())
