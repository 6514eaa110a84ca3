"""Signing in and joining by one form, through requests with a real session."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import Group, Permission
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import mail
from django.http import HttpResponse
from django.urls import reverse

from accounts.joining import (
    CodeExpired,
    MoreToProve,
    TooManyCodes,
    WrongCode,
    begin_sign_in,
    confirm_code,
    forget_unproven,
    pending_email,
    resend_code,
)
from accounts.mailing import MailUnavailable
from accounts.merging import merge_people
from accounts.models import User
from accounts.roles import FRONT_DESK

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def visit(rf, db):
    """A visitor's request with a session, as a view would get it."""
    request = rf.post("/book/")
    for middleware in (SessionMiddleware, AuthenticationMiddleware, MessageMiddleware):
        middleware(lambda _request: HttpResponse()).process_request(request)
    request.session.create()
    with context.request_context(request):
        yield request


def _ask(request, email="new@example.com", name="New Runner", mobile="07700 900123"):
    begin_sign_in(request, email=email, name=name, mobile=mobile, at=AT)


def test_an_unknown_address_joins_with_the_code(visit, code):
    _ask(visit, email=" New@Example.com ")

    user = confirm_code(visit, code(), at=AT)

    assert visit.user == user
    assert (user.email, user.name) == ("new@example.com", "New Runner")
    assert user.runner_profile.mobile == "07700 900123"
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified


def test_a_known_runner_signs_in_and_keeps_her_name(visit, code, mara):
    _ask(visit, email="MARA@example.com", name="M. V.")

    assert confirm_code(visit, code(), at=AT) == mara
    mara.refresh_from_db()
    assert mara.name == "Mara Voss"
    assert User.objects.count() == 1


def test_the_hold_survives_the_sign_in(visit, code):
    visit.session["hold_key"] = "kept"
    before = visit.session.session_key
    _ask(visit)

    confirm_code(visit, code(), at=AT)

    assert visit.session["hold_key"] == "kept"
    assert visit.session.session_key != before, "a fixed session must not be carried in"


def test_nothing_typed_is_written_before_the_proof(visit):
    _ask(visit)

    user = User.objects.get(email="new@example.com")
    assert user.name == ""
    assert not hasattr(user, "runner_profile")
    assert not visit.user.is_authenticated
    assert pending_email(visit) == "new@example.com"


def test_details_typed_for_another_address_are_not_written(visit, code, mara):
    _ask(visit, email="new@example.com", name="Somebody Else")
    _ask(visit, email=mara.email, name="", mobile="")

    user = confirm_code(visit, code(), at=AT)

    assert user == mara
    assert user.runner_profile.mobile == ""


def test_wrong_codes_count_down_and_then_end_it(visit, code):
    _ask(visit)
    right = code()
    wrong = "000000" if right != "000000" else "111111"

    with pytest.raises(WrongCode) as first:
        confirm_code(visit, wrong, at=AT)
    with pytest.raises(WrongCode) as second:
        confirm_code(visit, "not even digits ü", at=AT)
    with pytest.raises(CodeExpired):
        confirm_code(visit, wrong, at=AT)
    with pytest.raises(CodeExpired):
        confirm_code(visit, right, at=AT)

    assert (first.value.attempts_left, second.value.attempts_left) == (2, 1)
    assert "one try" in str(second.value)
    assert not visit.user.is_authenticated


def test_a_code_ends_after_a_quarter_of_an_hour(visit, code):
    with time_machine.travel(AT, tick=False) as clock:
        _ask(visit)
        clock.shift(timedelta(minutes=16))
        with pytest.raises(CodeExpired):
            confirm_code(visit, code(), at=AT)


def test_an_empty_code_never_fits(visit):
    _ask(visit)
    with pytest.raises(WrongCode):
        confirm_code(visit, "", at=AT)


def test_a_new_code_replaces_the_old_one(visit, code):
    _ask(visit)
    old = code()
    resend_code(visit)
    new = code()

    assert len(mail.outbox) == 2
    if old != new:  # one in a million
        with pytest.raises(WrongCode):
            confirm_code(visit, old, at=AT)
    assert confirm_code(visit, new, at=AT).email == "new@example.com"


def test_resending_without_asking_first_says_so(visit):
    with pytest.raises(CodeExpired):
        resend_code(visit)


def test_codes_for_one_address_are_limited(visit):
    for _ in range(3):
        _ask(visit)
    with pytest.raises(TooManyCodes):
        _ask(visit)
    with pytest.raises(TooManyCodes):
        resend_code(visit)
    assert len(mail.outbox) == 3


def test_known_and_unknown_get_the_same_mail(visit, mara):
    _ask(visit, email=mara.email)
    _ask(visit, email="new@example.com")

    known, unknown = mail.outbox
    strip = str.maketrans("", "", "0123456789")
    assert known.subject.translate(strip) == unknown.subject.translate(strip)
    assert known.body.translate(strip) == unknown.body.translate(strip)


def test_somebody_shut_out_gets_no_code_and_no_hint(visit, mara):
    User.objects.filter(pk=mara.pk).update(is_active=False)
    _ask(visit, email=mara.email)

    assert pending_email(visit) == mara.email
    assert not any(message.subject.startswith("Your code") for message in mail.outbox)
    with pytest.raises(WrongCode):
        confirm_code(visit, "", at=AT)


def test_a_second_factor_is_asked_for(visit, code, mara):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=mara, type=Authenticator.Type.TOTP, data={"secret": "x"})
    _ask(visit, email=mara.email)

    with pytest.raises(MoreToProve) as more:
        confirm_code(visit, code(), at=AT)

    assert more.value.url == reverse("mfa_authenticate")
    assert not visit.user.is_authenticated


def test_a_dead_mail_server_is_said_and_leaves_the_form_usable(visit, monkeypatch, code):
    from django.core.mail import EmailMultiAlternatives

    def refuse(self, fail_silently=False):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", refuse)
        with pytest.raises(MailUnavailable, match="Nothing is lost"):
            _ask(visit)

    _ask(visit)
    assert confirm_code(visit, code(), at=AT).email == "new@example.com"


def test_people_who_never_proved_an_address_are_forgotten(visit, code, mara):
    _ask(visit, email="proven@example.com")
    proven = confirm_code(visit, code(), at=AT)
    User.objects.create_user("ghost@example.com", joined_at=AT)
    User.objects.create_user("fresh@example.com", joined_at=AT + timedelta(days=1))
    staff = User.objects.create_user("staff@example.com", is_staff=True, joined_at=AT)
    desk = User.objects.create_user("desk@example.com", joined_at=AT)
    desk.groups.add(Group.objects.get(name=FRONT_DESK))
    by_hand = User.objects.create_user("hand@example.com", joined_at=AT)
    by_hand.user_permissions.add(Permission.objects.first())
    invited = User.objects.create_user("invited@example.com", "a-first-password", joined_at=AT)
    User.objects.filter(pk=mara.pk).update(last_login=AT, joined_at=AT)

    assert forget_unproven(before=AT + timedelta(hours=1)) == 1

    left = set(User.objects.values_list("email", flat=True))
    kept = {proven.email, "fresh@example.com", mara.email}
    assert left == kept | {staff.email, desk.email, by_hand.email, invited.email}


@pytest.mark.parametrize("kept_typed_it", [True, False])
def test_after_a_merge_the_code_signs_in_by_the_other_proven_address(
    visit, code, mara, kept_typed_it
):
    other = User.objects.create_user("other@example.com", joined_at=AT)
    EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
    if kept_typed_it:
        EmailAddress.objects.create(user=mara, email=other.email, verified=False)
    desk = User.objects.create_user("desk@example.com", is_staff=True, joined_at=AT)
    merge_people(kept=mara, absorbed=other, why="Told us", by=desk, at=AT)

    _ask(visit, email=other.email)

    assert confirm_code(visit, code(), at=AT) == mara
    assert visit.user == mara
