"""Disputes: the bank takes money, asks, decides; and what the books see of it."""

import pytest
import stripe

from payments.sandbox.control_client import SandboxRefused
from tests.stripe.test_money import DAY, balance, paid
from tests.stripe.test_paying import kinds

FRAUD, NOT_RECEIVED, ASKS = "4000000000000259", "4000000000002685", "4000000000001976"


def disputed(sandbox, client, amount=31500, card=FRAUD):
    charge = paid(sandbox, client, amount, card)
    [dispute] = client.v1.disputes.list({"charge": charge.id}).data
    return client.v1.charges.retrieve(charge.id), dispute


def submit(client, dispute, text, **more):
    given = {"evidence": {"uncategorized_text": text}, **more}
    return client.v1.disputes.update(dispute.id, given)


def since(sandbox, kind):
    """The kinds of events from the last one of this kind on."""
    all_kinds = kinds(sandbox)
    return all_kinds[len(all_kinds) - 1 - all_kinds[::-1].index(kind) :]


@pytest.mark.parametrize(
    ("card", "reason"), [(FRAUD, "fraudulent"), (NOT_RECEIVED, "product_not_received")]
)
def test_a_disputed_payment_loses_amount_and_fee_in_one_row(frozen, client, card, reason):
    charge, dispute = disputed(frozen, client, card=card)

    assert (dispute.reason, dispute.status, dispute.amount) == (reason, "needs_response", 31500)
    assert charge.disputed
    assert not dispute.is_charge_refundable
    [row] = dispute.balance_transactions
    assert (row.amount, row.fee, row.net) == (-31500, 2000, -33500)
    assert (row.type, row.reporting_category) == ("adjustment", "dispute")
    assert dispute.evidence_details.due_by == 1_790_848_800 // DAY * DAY + 9 * DAY - 1
    assert since(frozen, "charge.dispute.created") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]
    assert balance(client) == (31002, -33500)


def test_the_rows_of_a_dispute_are_not_found_by_their_source(frozen, client):
    _, dispute = disputed(frozen, client)

    assert client.v1.balance_transactions.list({"source": dispute.id}).data == []
    rows = client.v1.balance_transactions.list({"type": "adjustment"}).data
    assert [row.source for row in rows] == [dispute.id]


def test_a_disputed_charge_is_not_refunded_until_it_is_won(frozen, client):
    charge, dispute = disputed(frozen, client)
    with pytest.raises(stripe.InvalidRequestError, match="has been charged back") as caught:
        client.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_disputed"

    assert submit(client, dispute, "winning_evidence").status == "under_review"
    frozen.advance(5)

    won = client.v1.disputes.retrieve(dispute.id)
    assert (won.status, won.is_charge_refundable) == ("won", True)
    reversal = won.balance_transactions[-1]
    assert (reversal.amount, reversal.fee) == (31500, 0)
    assert reversal.reporting_category == "dispute_reversal"
    assert since(frozen, "charge.dispute.updated") == [
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    assert client.v1.refunds.create({"charge": charge.id}).status == "succeeded"


def test_losing_evidence_loses_and_the_fee_is_gone(frozen, client):
    charge, dispute = disputed(frozen, client)
    submit(client, dispute, "losing_evidence")
    frozen.advance(5)

    lost = client.v1.disputes.retrieve(dispute.id)
    assert (lost.status, len(lost.balance_transactions)) == ("lost", 1)
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        client.v1.refunds.create({"charge": charge.id})
    with pytest.raises(stripe.InvalidRequestError, match="no evidence any more"):
        submit(client, dispute, "winning_evidence")
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.close(dispute.id)


def test_evidence_can_be_kept_before_it_is_submitted(frozen, client):
    _, dispute = disputed(frozen, client)

    kept = submit(client, dispute, "winning_evidence", submit=False)
    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)
    assert kept.evidence_details.submission_count == 0

    sent = client.v1.disputes.update(dispute.id, {"submit": True, "metadata": {"by": "Sam"}})
    assert (sent.status, sent.metadata["by"]) == ("under_review", "Sam")
    assert sent.evidence_details.submission_count == 1
    [event] = client.v1.events.list({"type": "charge.dispute.updated", "limit": 1}).data
    assert event.data.previous_attributes["status"] == "needs_response"


def test_giving_up_loses_at_once(frozen, client):
    _, dispute = disputed(frozen, client)

    assert client.v1.disputes.close(dispute.id).status == "lost"
    assert kinds(frozen)[-1] == "charge.dispute.closed"


def test_who_does_not_answer_in_time_has_lost(frozen, client):
    _, dispute = disputed(frozen, client)
    frozen.set_clock(dispute.evidence_details.due_by)
    assert client.v1.disputes.retrieve(dispute.id).status == "needs_response"

    frozen.advance(1)

    assert client.v1.disputes.retrieve(dispute.id).status == "lost"


def test_an_inquiry_moves_no_money_and_ends_with_a_full_refund(frozen, client):
    charge, inquiry = disputed(frozen, client, card=ASKS)
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert inquiry.payment_method_details.card.case_type == "inquiry"
    assert "charge.dispute.funds_withdrawn" not in kinds(frozen)

    client.v1.refunds.create({"charge": charge.id, "amount": 500})
    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_needs_response"
    client.v1.refunds.create({"charge": charge.id})

    assert client.v1.disputes.retrieve(inquiry.id).status == "warning_closed"
    assert kinds(frozen)[-1] == "charge.dispute.closed"


def test_an_inquiry_that_is_escalated_takes_the_money(frozen, client):
    charge, inquiry = disputed(frozen, client, card=ASKS)
    assert submit(client, inquiry, "escalate_inquiry_evidence").status == "warning_under_review"
    frozen.advance(5)

    escalated = client.v1.disputes.retrieve(inquiry.id)
    assert escalated.status == "needs_response"
    assert [row.net for row in escalated.balance_transactions] == [-33500]
    assert since(frozen, "charge.dispute.updated") == [
        "charge.dispute.updated",
        "charge.dispute.funds_withdrawn",
    ]
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        client.v1.refunds.create({"charge": charge.id})


@pytest.mark.parametrize(("outcome", "status", "rows"), [("won", "won", 2), ("lost", "lost", 1)])
def test_the_bank_decides_by_hand(frozen, client, outcome, status, rows):
    charge = paid(frozen, client, 10_000)
    client.v1.refunds.create({"charge": charge.id, "amount": 4000})
    dispute = frozen.dispute(charge.id, reason="duplicate")
    assert (dispute["amount"], dispute["reason"]) == (6000, "duplicate")

    settled = frozen.settle_dispute(dispute["id"], outcome)

    assert settled["status"] == status
    assert len(settled["balance_transactions"]) == rows


def test_orders_that_make_no_sense_change_nothing(frozen, client):
    charge = paid(frozen, client, 1000)
    for wrong in (
        lambda: frozen.dispute("ch_none"),
        lambda: frozen.dispute(charge.id, reason="because"),
        lambda: frozen.dispute(charge.id, amount=1001),
        lambda: frozen.settle_dispute("du_none", "won"),
    ):
        with pytest.raises(SandboxRefused):
            wrong()
    assert client.v1.disputes.list().data == []

    dispute = frozen.dispute(charge.payment_intent, amount=300)
    for wrong in (
        lambda: frozen.dispute(charge.id),
        lambda: frozen.settle_dispute(dispute["id"], "escalated"),
        lambda: frozen.settle_dispute(dispute["id"], "postponed"),
    ):
        with pytest.raises(SandboxRefused):
            wrong()
    [only] = client.v1.disputes.list({"payment_intent": charge.payment_intent}).data
    assert (only.amount, only.status) == (300, "needs_response")


def test_the_fee_and_the_delay_are_settings(frozen, client):
    frozen.settings(dispute_fee_minor=1500, dispute_delay=3600)
    charge = paid(frozen, client, card=FRAUD)
    assert client.v1.disputes.list().data == []

    frozen.advance("1h")

    [dispute] = client.v1.disputes.list({"charge": charge.id}).data
    assert dispute.balance_transactions[0].fee == 1500


def test_what_was_given_back_or_disputed_by_hand_is_not_disputed_again(frozen, client):
    frozen.settings(dispute_delay=3600)
    client.v1.refunds.create({"charge": paid(frozen, client, card=FRAUD).id})
    by_hand = frozen.dispute(paid(frozen, client, card=FRAUD).id, reason="duplicate")
    frozen.advance("2h")

    assert [one.id for one in client.v1.disputes.list().data] == [by_hand["id"]]


def test_an_early_fraud_warning_comes_and_is_over_after_the_refund(frozen, client):
    charge = paid(frozen, client, card="4000000000005423")

    [event] = client.v1.events.list({"type": "radar.early_fraud_warning.created"}).data
    assert event.data.object.charge == charge.id
    assert event.data.object.actionable
    client.v1.refunds.create({"charge": charge.id})
    [event] = client.v1.events.list({"type": "radar.early_fraud_warning.updated"}).data
    assert not event.data.object.actionable
