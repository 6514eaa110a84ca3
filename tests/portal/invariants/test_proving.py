"""The nightly proof: kept, told once a day to whoever answers for it, and a command that fails."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts import auditing, outbox
from accounts.models import Message
from accounts.roles import MANAGERS
from accounts.sealing import seal_waiting
from payments.models import StripeEvent
from portal.invariants.asking import ask_all
from portal.invariants.base import MOST_ROWS
from portal.invariants.proving import KEPT_FOR, MAIL, prove
from portal.models import InvariantRun
from tests.portal.staff.conftest import in_group
from tests.tampering import without_guards

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 5, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def late_event(pk="evt_1"):
    return StripeEvent.objects.create(
        pk=pk, type="charge.succeeded", payload={}, received_at=NIGHT - DAY
    )


def test_a_breach_is_kept_with_its_rows_and_told_once_a_day(mailoutbox):
    manager = in_group(MANAGERS, name="Max Manager")
    late_event()

    first = prove(at=NIGHT)
    prove(at=NIGHT + timedelta(hours=2))
    assert not first.holds
    assert first.verdict_of("I19")["rows"][0]["about"] == "evt_1"
    assert first.verdict_of("I01")["count"] == 0
    owed = Message.objects.filter(kind=MAIL, about__endswith=":I19")
    assert [message.user for message in owed] == [manager]

    outbox.send_due(at=NIGHT + timedelta(hours=3))
    mail = next(one for one in mailoutbox if one.subject == "I19 does not hold")
    assert "Stripe&#x27;s news" in mail.body or "Stripe's news" in mail.body
    assert "/staff/invariants/I19/" in mail.body
    prove(at=NIGHT + DAY)
    assert Message.objects.filter(kind=MAIL, about__endswith=":I19").count() == 2


def test_a_sound_portal_tells_nobody_and_old_proofs_are_forgotten():
    prove(at=NIGHT - KEPT_FOR - DAY)
    run = prove(at=NIGHT)

    assert run.holds
    assert len(run.verdicts) == 25
    assert InvariantRun.objects.count() == 1
    assert not Message.objects.filter(kind=MAIL).exists()


def test_an_end_of_the_trail_that_was_cut_off_shows_the_next_night():
    for number in range(3):
        auditing.record("a.b", by=None, at=NIGHT, about="user", key=str(number))
    seal_waiting(at=NIGHT)
    assert prove(at=NIGHT).holds

    with without_guards() as cursor:
        cursor.execute("DELETE FROM accounts_auditseal WHERE position = 3")
        cursor.execute("DELETE FROM accounts_auditentry WHERE key = '2'")
    assert prove(at=NIGHT + DAY).verdict_of("I22")["count"] == 1


def test_the_command_prints_each_rule_and_fails_with_the_rows(capsys):
    call_command("check_invariants")
    assert "All 25 hold." in capsys.readouterr().out

    late_event()
    with pytest.raises(CommandError, match="Broken: I19"):
        call_command("check_invariants", "I19", "I20")
    said = capsys.readouterr().out
    assert "evt_1: it has waited" in said
    assert "I01" not in said
    with pytest.raises(CommandError, match="no rule I99"):
        call_command("check_invariants", "I99")


def test_of_many_rows_so_many_are_kept():
    StripeEvent.objects.bulk_create(
        StripeEvent(pk=f"evt_{number}", type="x", payload={}, received_at=NIGHT - DAY)
        for number in range(MOST_ROWS + 5)
    )
    [verdict] = [one for one in ask_all(at=NIGHT) if not one.holds]
    assert len(verdict.breaches) == MOST_ROWS
