"""How long what we know about people stays. See accounts/retention.py."""

from datetime import datetime, timedelta
from typing import Any, Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import Q, QuerySet

from accounts import health_data, idle, joining
from accounts.consents import Consent
from accounts.erased import NOWHERE
from accounts.erasing import ErasureRefused, ask_for_erasure
from accounts.erasures import ErasureRequest
from accounts.models import Message, User
from accounts.retention import rule

YEAR: Final = timedelta(days=365)
UNPROVEN_FOR: Final = timedelta(days=2)  # longer than any code or hold lives
SIGN_INS_FOR: Final = timedelta(days=90)
MAIL_FOR: Final = timedelta(days=400)
PROOF_FOR: Final = 3 * YEAR
GONE: Final = f"removed@{NOWHERE}"
BATCH: Final = 1000


def _unproven(at: datetime) -> int:
    return int(User.objects.unproven().filter(joined_at__lt=at - UNPROVEN_FOR).count())


def forget_unproven_people(*, at: datetime) -> int:
    """The job: forget who never typed the code."""
    return joining.forget_unproven(before=at - UNPROVEN_FOR)


def _old_sign_ins(at: datetime) -> QuerySet[Any]:
    found: QuerySet[Any] = UserSession.objects.filter(last_seen_at__lt=at - SIGN_INS_FOR)
    return found


def _old_mail(at: datetime) -> QuerySet[Any]:
    settled = Message.objects.exclude(sent_at=None, dropped_at=None)
    named = ~Q(to_email__endswith=f"@{NOWHERE}") | ~Q(subject="") | ~Q(last_error="")
    found: QuerySet[Any] = settled.filter(named, created_at__lt=at - MAIL_FOR)
    return found


def _empty_mail(at: datetime) -> int:
    """The row stays: its key keeps the same mail from being owed again."""
    some = list(_old_mail(at).values_list("pk", flat=True)[:BATCH])
    rows = Message.objects.filter(pk__in=some)
    return int(rows.update(to_email=GONE, subject="", last_error=""))


def _erased_long_ago(at: datetime) -> QuerySet[User]:
    found: QuerySet[User] = User.objects.filter(erasures__done_at__lt=at - PROOF_FOR)
    return found


def _old_decisions(at: datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(person__in=_erased_long_ago(at))


def _old_wishes(at: datetime) -> QuerySet[ErasureRequest]:
    since = at - PROOF_FOR
    return ErasureRequest.objects.filter(Q(cancelled_at__lt=since) | Q(done_at__lt=since))


def _forget_decisions(at: datetime) -> int:
    # In this order: whose decisions are old is known by the wish that was carried out.
    return _old_decisions(at).delete()[0] + _old_wishes(at).delete()[0]


def _erase_idle(at: datetime) -> int:
    """Ask for the erasure of idle people, as if they had; it may still be taken back."""
    asked = 0
    for person in idle.people(at=at)[:BATCH]:
        try:
            ask_for_erasure(person=person, by=None, at=at)
        except ErasureRefused:
            continue  # credits are left: hers until they expire
        asked += 1
    return asked


rule(
    "account",
    what="Accounts: name, address, mobile, races, preferences, notes, waiting list, calendar",
    keeps="until you delete it, or three years after the last sign-in, session or purchase",
    why="to run your bookings and credits",
    then="a mail says so, and thirty days later the account is erased as if you had asked",
    due=lambda at: idle.people(at=at).count(),
    carry_out=_erase_idle,
)
rule(
    "unproven",
    what="Accounts whose address nobody confirmed",
    keeps="two days",
    why="long enough to type the code from the mail",
    then="deleted",
    due=_unproven,
    job="forget_unproven_people",
)
rule(
    "sign_ins",
    what="Browsers and apps you signed in with, and from which address on the net",
    keeps="90 days after they were last used",
    why="so that you can see and end them, and to answer a disputed payment",
    then="deleted",
    due=lambda at: _old_sign_ins(at).count(),
    carry_out=lambda at: _old_sign_ins(at).delete()[0],
)
rule(
    "sessions",
    what="Session cookies' contents",
    keeps="until the session ends, at most two weeks after its last change",
    why="to stay signed in and to hold a time while you book",
    then="deleted",
    job="clear_sessions",
)
rule(
    "mail",
    what="Mails we sent: to which address, with which subject",
    keeps="13 months",
    why="to answer whether a mail went out",
    then="address and subject are removed; that a mail of a kind was sent stays",
    due=lambda at: _old_mail(at).count(),
    carry_out=_empty_mail,
)
rule(
    "consents",
    what="What you agreed to and took back, and wishes to be deleted",
    keeps="with the account, and three years after it was deleted",
    why="to prove that we kept to it",
    then="deleted",
    due=lambda at: _old_decisions(at).count() + _old_wishes(at).count(),
    carry_out=_forget_decisions,
)
rule(
    "health",
    what="Answers about health, notes about sessions, and who is asked to call first",
    keeps=f"{settings.HEALTH_KEPT_MONTHS} months after the last session, or until the consent is"
    " taken back",
    why="for the next session, and to answer a complaint",
    then="deleted",
    due=health_data.count_due,
    job="keep_health",
)
rule(
    "trail",
    what="The trail of who did what",
    keeps="as long as the practice runs",
    why="to show that money, schedules and health data were handled rightly",
    then="it stays: people are numbers in it, which lead nowhere once an account is deleted",
)
rule(
    "staff",
    what="Who of the practice worked on what",
    keeps="as long as the thing worked on",
    why="to know whom to ask",
    then="a manager ends the account and changes the name, in the admin",
)
