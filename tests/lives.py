"""Somebody with a trace in every table that can hold one, and the whole database as text."""

import uuid
from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django_tasks_db.models import DBTaskResult
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from accounts import outbox
from accounts.consent_texts import decide
from accounts.consenting import give
from accounts.consents import Channel, Purpose
from accounts.models import User
from cms.forms.models import ConsentText, Enquiry, FormPage
from cms.pages.base import BasePage
from payments.models import (
    Charge,
    CreditLot,
    CreditNotice,
    Dispute,
    Gift,
    IntroductoryPurchase,
    Mismatch,
    MismatchComment,
    PromotionCode,
    PromotionUse,
    Refund,
    RefundPart,
    RefundRequest,
    StripeEvent,
)
from portal.api.models import IdempotentAnswer
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.cancelling import cancel_booking
from scheduling.feeds import new_address
from scheduling.models import Booking, Series, WaitlistEntry, WaitlistOffer
from tests.builders import make_lot, make_order, make_runner, make_staff, pay_at_the_desk
from tests.known_lives import (
    bounced,
    is_known_to_staff,
    tells_of_her_health,
    trains,
    was_two_people,
)
from tests.practice import Practice

NAME = "Quilla Ondarsdottir"
EMAIL = "quilla.o@example.org"
FORMER = "quilla.before@example.com"  # of an account that was merged into hers
SECOND = "quilla.work@example.net"
MOBILE = "07700900321"
WORDS = "canarywords"  # wherever somebody may write freely
BROWSER = "Canarybrowser/7"
IP = "203.0.113.77"
CANARIES = (NAME, EMAIL, SECOND, FORMER, MOBILE, WORDS, BROWSER, IP)
DAY = timedelta(days=1)


def a_life(practice: Practice, *, at: datetime | None = None) -> User:
    """Bought, booked, cancelled, complained, gave and was given; nothing of it is open."""
    at = at or datetime.now(UTC)
    person = make_runner(EMAIL, NAME, at=at - 90 * DAY)
    person.runner_profile.mobile = MOBILE
    person.runner_profile.save()
    lot = make_lot(person, units=3, variants=[practice.variant], name="Three", at=at - 2 * DAY)
    _signs_in(person, at)
    _sessions(practice, person, at)
    _money(person, lot, at)
    _gifts(person, at)
    _writes(practice, person, at)
    _workings(person, at)
    trains(person, WORDS, at)
    tells_of_her_health(person, WORDS, at)
    is_known_to_staff(person, WORDS, at)
    was_two_people(person, email=FORMER, words=WORDS, browser=BROWSER, ip=IP, at=at)
    return person


def booked(
    practice: Practice, person: User, *, days: int = 5, at: datetime | None = None
) -> Booking:
    at = at or datetime.now(UTC)
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(days), 10),
        therapist=practice.imre,
        hold_key="",
        runner=person,
        at=at,
    )
    return confirm_with_credit(booking=held, runner=person, by=person, at=at)


def dump() -> dict[str, str]:
    """Every table, the cache's too, as one text in lower case each."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            cells = (cell for row in cursor.fetchall() for cell in row)
            found[table] = "\n".join(_text(cell) for cell in cells).lower()
    return found


def found_in(canary: str) -> list[str]:
    """Tables that hold the canary."""
    return sorted(table for table, text in dump().items() if canary.lower() in text)


def _text(cell: object) -> str:
    if isinstance(cell, bytes | memoryview):
        return bytes(cell).decode(errors="replace")
    return str(cell)


def _signs_in(person: User, at: datetime) -> None:
    EmailAddress.objects.create(user=person, email=EMAIL, verified=True, primary=True)
    EmailAddress.objects.create(user=person, email=SECOND, verified=True)
    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session.create()
    UserSession.objects.create(
        user=person, session_key=session.session_key, ip=IP, user_agent=BROWSER
    )
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    account = SocialAccount.objects.create(
        user=person, provider="strava", uid="canary-41", extra_data={"email": EMAIL, "name": NAME}
    )
    SocialToken.objects.create(account=account, token="t")
    told = {"channel": Channel.ACCOUNT, "by": person, "at": at}
    decide(person, Purpose.MARKETING, agrees=True, **told)
    give(person, Purpose.HEALTH, text_version="questions-1", text="You may keep this.", **told)


def _sessions(practice: Practice, person: User, at: datetime) -> None:
    session = booked(practice, person, at=at)
    cancel_booking(booking=session, by=person, at=at, reason=f"I have {WORDS} in my knee")
    Series.objects.create(runner=person, every_weeks=2, further=3, created_at=at)
    new_address(owner=person, at=at)
    entry = WaitlistEntry.objects.create(
        runner=person,
        location=practice.location,
        first_on=at.date() + 3 * DAY,
        last_on=at.date() + 9 * DAY,
        weekdays="12345",
        notice_minutes=60,
        created_at=at,
        wish_key=uuid.uuid4().hex,
    )
    WaitlistOffer.objects.create(
        entry=entry,
        booking=session,
        offered_at=at,
        expires_at=at + DAY / 24,
        outcome="expired",
        ended_at=at + DAY / 24,
    )


def _money(person: User, lot: CreditLot, at: datetime) -> None:
    order = lot.order_line.order
    attempt = order.attempts.get()
    charge = Charge.objects.create(
        pk=f"ch_{uuid.uuid4().hex}",
        attempt=attempt,
        payment_intent_id="pi_1",
        amount_minor=order.total_minor,
        currency=order.currency,
        status="succeeded",
        livemode=False,
        created_at=at,
    )
    Refund.objects.create(
        pk=f"re_{uuid.uuid4().hex}",
        charge=charge,
        amount_minor=1,
        currency=order.currency,
        status="failed",
        livemode=False,
        created_at=at,
    )
    Dispute.objects.create(
        pk=f"dp_{uuid.uuid4().hex}",
        charge=charge,
        amount_minor=1,
        currency=order.currency,
        status="won",
        livemode=False,
        created_at=at,
    )
    request = RefundRequest.objects.create(
        order=order,
        attempt=attempt,
        number=1,
        amount_minor=1,
        currency=order.currency,
        status="failed",
        reason=f"{WORDS}",
        requested_by=make_staff(),
        requested_at=at,
        idempotency_key=uuid.uuid4().hex,
        settled_at=at,
        trouble=f"No account of {NAME}",
    )
    RefundPart.objects.create(request=request, lot=lot, units=1, value_minor=1)
    mismatch = Mismatch.objects.create(
        code="M01",
        severity="warning",
        about=order.number,
        order=order,
        first_seen_at=at,
        status="resolved",
        resolution=f"{NAME} rang: {WORDS}",
        resolved_at=at,
    )
    MismatchComment.objects.create(
        mismatch=mismatch, author=make_staff(), text=f"{WORDS}", written_at=at
    )
    CreditNotice.objects.create(lot=lot, kind="week", ends_on=lot.expires_on, queued_at=at)
    code = PromotionCode.objects.create(code=f"C{uuid.uuid4().hex[:6]}", share_bp=500)
    PromotionUse.objects.create(promotion=code, order=order, person=person, used_at=at)
    IntroductoryPurchase.objects.create(person=person, order=order, bought_at=at)
    StripeEvent.objects.create(
        pk=f"evt_{uuid.uuid4().hex}",
        type="charge.succeeded",
        payload={
            "data": {
                "object": {
                    "id": charge.pk,
                    "amount": order.total_minor,
                    "billing_details": {"name": NAME, "email": EMAIL.upper(), "phone": MOBILE},
                    "description": f"Paid by {EMAIL}",
                }
            }
        },
        received_at=at,
        status="done",
    )


def _gifts(person: User, at: datetime) -> None:
    given = make_order(person, at=at)
    Gift.objects.create(
        order=given, from_name=NAME, to_name="Bo", to_email="bo@example.org", message=WORDS
    )
    pay_at_the_desk(given, at=at)
    got = make_order(at=at)
    Gift.objects.create(order=got, from_name="Bo", to_name=NAME, to_email=EMAIL, message=WORDS)
    pay_at_the_desk(got, at=at)


def is_written_to_us(email: str, at: datetime) -> None:
    """An address in each table that knows people by nothing else."""
    root = BasePage.objects.filter(depth=1).get()
    page = root.add_child(
        instance=FormPage(title="Write", slug=f"write-{uuid.uuid4().hex[:6]}", keep_days=180)
    )
    agreed = ConsentText.objects.create(
        page=page, number=7, digest=uuid.uuid4().hex[:16], text="Yes.", used_since=at
    )
    said = {"your_email": email}
    Enquiry.objects.create(
        page=page, form_data=said, labels={}, consent=agreed, submit_time=at, forget_at=at + DAY
    )
    FormSubmission.objects.create(page=page, form_data=said)
    StripeEvent.objects.create(
        pk=f"evt_{uuid.uuid4().hex}",
        type="charge.succeeded",
        payload={"data": {"object": {"description": f"Paid by {email}."}}},
        received_at=at,
        status="done",
    )
    _leaves_workings(email, at)


def _writes(practice: Practice, person: User, at: datetime) -> None:
    root = BasePage.objects.filter(depth=1).get()
    page = root.add_child(
        instance=FormPage(title="Contact", slug=f"contact-{uuid.uuid4().hex[:6]}", keep_days=180)
    )
    agreed = ConsentText.objects.create(
        page=page, number=1, digest=uuid.uuid4().hex[:16], text="Yes.", used_since=at
    )
    said = {"your_name": NAME, "your_email": EMAIL, "your_message": WORDS}
    Enquiry.objects.create(
        page=page, form_data=said, labels={}, consent=agreed, submit_time=at, forget_at=at + DAY
    )
    FormSubmission.objects.create(page=page, form_data=said)


def _workings(person: User, at: datetime) -> None:
    for key in ("sent", "waiting"):
        message = outbox.enqueue(
            kind="receipt",
            about="0",
            to=SECOND,
            user=None,
            dedupe_key=f"{key}:{uuid.uuid4()}",
            at=at,
            send_after=at + DAY,
        )
        message.subject, message.last_error = f"About {WORDS}", f"{SECOND} refused"
        message.sent_at = at if key == "sent" else None
        message.save()
        bounced(message, SECOND, at)
    _leaves_workings(EMAIL, at)
    ModelLogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        label=NAME,
        action="wagtail.edit",
        timestamp=at,
        data={},
    )
    UserProfile.objects.create(user=person)


def _leaves_workings(email: str, at: datetime) -> None:
    IdempotentAnswer.objects.create(
        caller="c",
        key=uuid.uuid4().hex,
        fingerprint="f",
        status=200,
        content_type="application/json",
        body=f'{{"email": "{email}"}}'.encode(),
        created_at=at,
    )
    DBTaskResult.objects.create(
        args_kwargs={"args": [1], "kwargs": {}},
        task_path="accounts.outbox.send_message",
        backend_name="default",
        queue_name="default",
        exception_class_path="",
        traceback=f"SMTPRecipientsRefused: {email}",
        worker_ids=[],
    )
