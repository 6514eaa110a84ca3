"""The audit trail is one chain: whatever is done to it behind its back shows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts import auditing, sealing
from accounts.models import AuditEntry, AuditSeal, User
from accounts.sealing import COLUMNS, Head, faults, head_of_chain, seal_waiting
from tests.tampering import without_guards

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
NOBODY = "00000000000000000000000000000000"
ENTRY = "UPDATE accounts_auditentry SET {} WHERE id = (SELECT MIN(id) + 1 FROM accounts_auditentry)"
SEAL = "UPDATE accounts_auditseal SET {} WHERE position = 2"

# What somebody with the database in hand might do, and a word of what is then said of it.
EDITED = {
    "id": "id = 900",
    "at": "at = '2026-05-04 08:00:00'",
    "action": "action = 'money.nothing'",
    "by": f"by = '{NOBODY}'",
    "about": "about = 'order'",
    "key": "key = 'other'",
    "runner": f"runner = '{NOBODY}'",
    "before": 'before = \'{"state": "paid"}\'',
    "after": "after = '{}'",
    "why": "why = ''",
    "origin": "origin = 'there'",
}
DONE = {
    **{name: (ENTRY.format(change), "changed") for name, change in EDITED.items() if name != "id"},
    "another id": (ENTRY.format(EDITED["id"]), "missing"),
    "seal of another time": (SEAL.format("sealed_at = '2026-05-04 08:00:00'"), "changed"),
    "another hash": (SEAL.format("hash = 'ff'"), "changed"),
    "another previous hash": (SEAL.format("previous_hash = 'ff'"), "does not follow"),
    "an entry deleted": (
        "DELETE FROM accounts_auditentry WHERE id IN"
        " (SELECT entry_id FROM accounts_auditseal WHERE position = 2)",
        "missing",
    ),
    "a seal deleted": ("DELETE FROM accounts_auditseal WHERE position = 2", "1 places before"),
    "two swapped": (
        "UPDATE accounts_auditseal SET position = 99 WHERE position = 2;"
        "UPDATE accounts_auditseal SET position = 2 WHERE position = 3;"
        "UPDATE accounts_auditseal SET position = 3 WHERE position = 99",
        "changed",
    ),
    "the tail cut": ("DELETE FROM accounts_auditseal WHERE position > 3", "noted earlier"),
    "never sealed": (
        "INSERT INTO accounts_auditentry"
        " (at, action, about, key, before, after, why, origin)"
        " VALUES ('2026-05-04 07:00:00', 'a.b', 'order', 'k', '{}', '{}', '', '')",
        "never sealed",
    ),
}


def trail_of(acts):
    mara = User.objects.create_user("mara@example.com", name="Mara")
    for number in range(acts):
        auditing.record(
            "credits.goodwill",
            by=mara,
            at=NOW,
            about="lot",
            key=f"lot {number}",
            runner=mara,
            before={"state": "open", "units": number},
            after={"until": NOW, "who": mara.public_id, "share": 0.5},
            why="Sorry \N{SNOWMAN}",
        )
    return seal_waiting(at=NOW)


def told(known):
    return [fault.what for fault in faults(at=NOW, known=known)]


def test_a_whole_trail_holds_and_each_later_entry_lengthens_the_chain():
    assert trail_of(5) == 5
    first = head_of_chain()
    assert (first.position, told(first)) == (5, [])

    auditing.record("roles.changed", by=None, at=NOW, about="user", key="k")
    assert told(first) == []  # an entry is not late before a quarter of an hour
    assert seal_waiting(at=NOW) == 1
    assert seal_waiting(at=NOW) == 0
    assert head_of_chain().position == 6
    assert told(first) == []


def test_whatever_is_done_to_the_trail_shows():
    trail_of(5)
    head = head_of_chain()

    wrong = []
    with without_guards() as cursor:
        for name, (sql, word) in DONE.items():
            point = transaction.savepoint()
            for one in sql.split(";"):
                cursor.execute(one)
            if not any(word in what for what in told(head)):
                wrong.append((name, told(head)))
            transaction.savepoint_rollback(point)
    assert wrong == []
    assert set(EDITED) == set(COLUMNS)


def test_who_comes_second_to_a_place_seals_nothing(monkeypatch):
    trail_of(2)
    auditing.record("roles.changed", by=None, at=NOW, about="user", key="k")
    monkeypatch.setattr(sealing, "head_of_chain", lambda: Head(1, "a" * 64))

    with transaction.atomic():
        assert seal_waiting(at=NOW) == 0
    monkeypatch.undo()
    assert AuditSeal.objects.count() == 2
    assert seal_waiting(at=NOW) == 1
    assert told(head_of_chain()) == []


def test_the_command_proves_and_prints_the_head(capsys):
    trail_of(2)
    call_command("verify_audit")
    printed = capsys.readouterr().out
    head = f"2:{AuditSeal.objects.get(position=2).hash}"
    assert f"Head: {head}" in printed

    call_command("verify_audit", known=head)
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_audit", known=f"3:{'a' * 64}")
    with pytest.raises(CommandError, match="as it was printed"):
        call_command("verify_audit", known="head")


def test_an_entry_that_waits_too_long_is_told():
    AuditEntry.objects.create(at=NOW - timedelta(hours=1), action="a.b", about="user", key="k")
    assert told(Head(0, "")) == ["it was never sealed"]


def test_the_walk_takes_two_questions_for_five_hundred_places(django_assert_num_queries):
    trail_of(40)
    with django_assert_num_queries(3):
        assert told(Head(0, "")) == []
