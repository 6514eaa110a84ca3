"""The audit trail and decisions about consent are added to, never edited."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import auditing, consenting
from accounts.consents import Channel, Consent, Purpose
from accounts.models import AuditEntry, AuditSeal, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
WORDS = {"text_version": "2026-05", "text": "You may write to me.", "channel": Channel.ACCOUNT}


@pytest.fixture
def mara() -> User:
    return User.objects.create_user("mara@example.com", name="Mara")


def _refused(act, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_an_entry_of_the_trail_is_neither_changed_nor_deleted(mara):
    entry = auditing.record("roles.changed", by=mara, at=NOW, about="user", key="k", why="asked")
    AuditSeal.objects.create(position=1, entry=entry, hash="a" * 64, sealed_at=NOW)

    _refused(lambda: AuditEntry.objects.update(why="never"), "accounts_auditentry_append_only")
    _refused(lambda: AuditSeal.objects.update(hash="b" * 64), "accounts_auditseal_append_only")
    for row in (AuditSeal, AuditEntry):
        table = row._meta.db_table
        _refused(lambda row=row: row.objects.all()._raw_delete("default"), f"{table}_append_only")
    assert AuditEntry.objects.get().by == mara.public_id


def test_an_entry_says_what_was_done_to_what(mara):
    _refused(lambda: auditing.record("", by=mara, at=NOW, about="user", key="k"), "audit_says_what")


def test_the_last_decision_holds_and_each_is_kept(mara):
    later = NOW + timedelta(days=1)
    assert not consenting.has_given(mara, Purpose.MARKETING)
    assert not consenting.has_refused(mara, Purpose.MARKETING)

    consenting.give(mara, Purpose.MARKETING, by=mara, at=NOW, **WORDS)
    consenting.give(mara, Purpose.MARKETING, by=mara, at=later, **WORDS)
    assert consenting.has_given(mara, Purpose.MARKETING)

    for _ in range(2):
        consenting.withdraw(mara, Purpose.MARKETING, channel=Channel.UNSUBSCRIBE, by=mara, at=later)
    assert consenting.has_refused(mara, Purpose.MARKETING)
    assert [(one.granted, one.text_version) for one in consenting.consents_of(mara)] == [
        (False, "2026-05"),
        (True, "2026-05"),
    ]
    actions = AuditEntry.objects.of(mara.public_id).values_list("action", flat=True)
    assert sorted(actions) == ["consent.given", "consent.withdrawn"]


def test_what_was_agreed_is_not_edited_but_moves_with_a_merged_person(mara):
    other = User.objects.create_user("m@example.com")
    consenting.give(mara, Purpose.MARKETING, by=mara, at=NOW, **WORDS)

    _refused(lambda: Consent.objects.update(granted=False), "consent_is_kept")
    _refused(lambda: Consent.objects.update(text="Anything."), "consent_is_kept")
    Consent.objects.update(person=other)
    assert consenting.has_given(other, Purpose.MARKETING)


def test_agreeing_without_words_is_refused(mara):
    _refused(
        lambda: consenting.give(
            mara, Purpose.MARKETING, by=mara, at=NOW, text="", text_version="", channel=Channel.API
        ),
        "consent_knows_its_words",
    )
