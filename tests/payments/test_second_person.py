"""What is too much for one person to adjust by hand needs a second one (AD4)."""

import uuid
from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from accounts.roles import BOOKKEEPERS, FRONT_DESK, MANAGERS
from payments.adjusting_by_hand import correct, give, reverse
from payments.chart import Role
from payments.disputing.answering import MayNotAnswer, accept_dispute
from payments.models import AdjustmentProposal, Charge, CreditLot, Dispute, JournalEntry
from payments.second_person import ALONE_MINOR, ALONE_UNITS, AdjustmentError, agree, disagree
from tests.builders import NOON, make_policy, make_runner, make_variant
from tests.portal.matrix.rows import fill
from tests.portal.staff.conftest import in_group

pytestmark = pytest.mark.django_db


def corrected(by, amount=ALONE_MINOR + 1, key="k", on=NOON):
    return correct(
        key=key,
        debit=Role.BANK,
        credit=Role.CASH_DRAWER,
        amount_minor=amount,
        currency="GBP",
        effective_at=on,
        by=by,
        at=max(NOON, on),
        reason="Counted twice",
    )


def test_up_to_the_limit_one_person_is_enough_and_above_it_two_are_needed():
    bo, ben = in_group(BOOKKEEPERS), in_group(BOOKKEEPERS)

    assert isinstance(corrected(bo, ALONE_MINOR, "small"), JournalEntry)
    proposal = corrected(bo)
    assert corrected(bo) == proposal, "a second click proposes nothing more"
    assert JournalEntry.objects.count() == 1
    with pytest.raises(AdjustmentError, match="somebody else"):
        agree(proposal=proposal, by=bo, at=NOON)
    with pytest.raises(AdjustmentError, match="may not decide"):
        agree(proposal=proposal, by=make_runner(), at=NOON)
    agree(proposal=proposal, by=ben, at=NOON)
    entry = JournalEntry.objects.latest("pk")
    assert (entry.actor, entry.reason) == (bo, "Counted twice")
    with pytest.raises(AdjustmentError, match="has been decided"):
        disagree(proposal=proposal, by=ben, at=NOON)
    told = AuditEntry.objects.filter(action__startswith="adjustment").values_list("action", "by")
    assert sorted(told) == [
        ("adjustment.agreed", ben.public_id),
        ("adjustment.proposed", bo.public_id),
    ]
    undone = reverse(entry=entry, by=ben, at=NOON, reason="It was right")
    assert isinstance(undone, AdjustmentProposal)
    agree(proposal=undone, by=bo, at=NOON)
    assert JournalEntry.objects.filter(reverses=entry).exists()


def test_long_keys_that_begin_alike_are_two_and_a_key_stands_for_one_thing():
    bo, long = in_group(BOOKKEEPERS), "k" * 90

    first, second = corrected(bo, key=f"{long}1"), corrected(bo, key=f"{long}2")

    assert first != second
    assert corrected(bo, key=f"{long}1") == first
    with pytest.raises(AdjustmentError, match="Something else"):
        corrected(bo, ALONE_MINOR + 2, key=f"{long}1")
    assert corrected(bo, key=f"{long}1", on=NOON + timedelta(minutes=1)) == first
    with pytest.raises(AdjustmentError, match="Something else"):
        corrected(bo, key=f"{long}1", on=NOON + timedelta(days=1))
    assert AdjustmentProposal.objects.count() == 2


def test_many_goodwill_credits_wait_for_a_second_manager_and_may_be_refused():
    ana, variant = make_runner(), make_variant()
    make_policy()
    max_, mia = in_group(MANAGERS), in_group(MANAGERS)

    def given(units):
        return give(
            owner=ana,
            variants=[variant],
            units=units,
            reason="Sorry",
            by=max_,
            at=NOON,
            expires_on=NOON.date() + timedelta(days=30),
            key=uuid.uuid4(),
        )

    assert isinstance(given(ALONE_UNITS), CreditLot)
    disagree(proposal=given(ALONE_UNITS + 1), by=mia, at=NOON)
    assert CreditLot.objects.of(ana).count() == 1
    agree(proposal=given(ALONE_UNITS + 1), by=mia, at=NOON)
    assert CreditLot.objects.of(ana).count() == 2


def test_pages_and_api_propose_and_a_second_person_decides(client):
    bo, ben = in_group(BOOKKEEPERS), in_group(BOOKKEEPERS)
    client.force_login(bo)
    wanted = {
        "key": "api",
        "debit": Role.BANK.code,
        "credit": Role.CASH_DRAWER.code,
        "amount_minor": ALONE_MINOR + 1,
        "on": "2026-03-10",
        "reason": "Counted twice",
        "currency": "GBP",
    }
    proposed = client.post("/api/v1/staff/journal/corrections/", wanted, "application/json")
    assert proposed.status_code == 202, proposed.content
    address = f"/staff/adjustments/{proposed.json()['id']}/agreement/"
    assert "Take it back" in client.get("/staff/adjustments/").content.decode()
    assert "somebody else" in client.post(address, follow=True).content.decode()

    client.force_login(ben)
    assert "Agree and post" in client.get("/staff/adjustments/").content.decode()
    assert "Agreed and posted" in client.post(address, follow=True).content.decode()
    assert JournalEntry.objects.get().actor == bo
    listed = client.get("/api/v1/staff/adjustments/").json()
    assert [one["outcome"] for one in listed] == ["agreed"]


def test_the_desk_gives_in_to_no_dispute_above_its_limit():
    dispute = fill(Dispute, pk="dp_big", charge=fill(Charge, pk="ch_big"), amount_minor=100_01)

    with pytest.raises(MayNotAnswer, match="Ask a manager"):
        accept_dispute(dispute=dispute, by=in_group(FRONT_DESK), at=NOON)
