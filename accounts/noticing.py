"""Telling people that something about how they sign in has changed, at the address they know.

Owed through the outbox: whoever just set a password must not be told that it failed, because a
mail server was away.
"""

import uuid
from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Message, User
from accounts.outbox import Letter, Silence, enqueue, writer

KIND: Final = "security_notice"
OLD_ADDRESS: Final = "account/email/email_changed"
NEW_ADDRESS: Final = "account/email/email_is_new"
FACTORS_FORGOTTEN: Final = "mfa/email/factors_forgotten"
# allauth's name of what happened: the subject, and a sentence.
SAYS: Final[dict[str, tuple[str, str]]] = {
    OLD_ADDRESS: (
        "Your sign-in address was changed",
        "Your account now signs in with another address. This one no longer opens it.",
    ),
    NEW_ADDRESS: (
        "This is your sign-in address now",
        "Your account now signs in with this address. We told the earlier one, too.",
    ),
    "account/email/email_deleted": (
        "An address was taken off your account",
        "An email address was taken off your account.",
    ),
    "account/email/password_changed": (
        "Your password was changed",
        "Your password was changed, and every other browser was signed out.",
    ),
    "account/email/password_reset": (
        "Your password was set anew",
        "Your password was set anew with a code from the mail, and every browser was signed out.",
    ),
    "account/email/password_set": (
        "Your account has a password now",
        "A password was set, so your account can be opened with it.",
    ),
    "mfa/email/totp_activated": (
        "An authenticator app was set up",
        "From now on signing in asks for the six digits the app shows.",
    ),
    "mfa/email/totp_deactivated": (
        "Your authenticator app was taken off",
        "Signing in no longer asks for the six digits of an app.",
    ),
    "mfa/email/webauthn_added": (
        "A passkey was added",
        "A passkey was added to your account. It signs in without a code.",
    ),
    "mfa/email/webauthn_removed": (
        "A passkey was taken off",
        "A passkey was taken off your account. It no longer signs in.",
    ),
    "mfa/email/recovery_codes_generated": (
        "You have new recovery codes",
        "New recovery codes were made for your account. The earlier ones no longer work.",
    ),
    FACTORS_FORGOTTEN: (
        "Your second factors were taken off",
        "The practice took off your passkeys, app and recovery codes, and signed you out.",
    ),
    "socialaccount/email/account_connected": (
        "Another account now signs you in",
        "An account of another service was connected. It signs in here now.",
    ),
    "socialaccount/email/account_disconnected": (
        "Another account no longer signs you in",
        "An account of another service was disconnected. It no longer signs in here.",
    ),
}


def owe_notice(what: str, *, to: str, user: User, at: datetime) -> None:
    """A mail about one of `SAYS`; each happening is told once more."""
    enqueue(kind=KIND, about=what, to=to, user=user, dedupe_key=f"{KIND}:{uuid.uuid4()}", at=at)


@writer(KIND)
def words_of_notice(message: Message, *, at: datetime) -> Letter | Silence:
    if message.about not in SAYS:
        return Silence("Nobody knows the words for this any more.")
    subject, sentence = SAYS[message.about]
    context = {"title": subject, "sentence": sentence, "happened_at": message.created_at}
    return Letter(subject=subject, template="account/notice", context=context)


def tell_new_address(
    sender: object,
    request: HttpRequest,
    user: User,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **kwargs: object,
) -> None:
    """allauth tells the earlier address; whoever reads the new one should know as well."""
    if from_email_address is not None:
        owe_notice(NEW_ADDRESS, to=to_email_address.email, user=user, at=timezone.now())
