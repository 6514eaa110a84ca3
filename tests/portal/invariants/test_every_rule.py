"""Each of I01 to I25 holds over a month made by the portal's own acts, and each is turned red.

Every alteration is made past all guards of the database, judged by its own rule, and rolled back.
"""

# ruff: noqa: S608 - the words of the tables below, no input

import uuid

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts import consenting, outbox
from accounts.consents import Channel, Purpose
from accounts.models import Message, User
from accounts.sealing import seal_waiting
from accounts.treatment_noting import write_note as note_treatment
from portal.invariants import RULES
from portal.invariants.asking import ask_all
from scheduling.models import Booking
from tests.accounts.intake import answered, questions_in_force
from tests.scheduling.proving.month import a_month
from tests.tampering import without_guards

BY_CODE = {rule.code: rule for rule in RULES}
NOBODY = "00000000000000000000000000000000"
LIVE = "state = 'confirmed'"
TO_COME = f"UPDATE scheduling_booking SET {{}} WHERE {LIVE}"
DONE = "(SELECT public_id FROM scheduling_booking WHERE state = 'completed' LIMIT 1)"
# The month's hours were set up by no act at its own time, so the trail says they changed since.
UNNOTED = "DELETE FROM accounts_auditentry WHERE action LIKE 'schedule.%' AND about <> 'booking'"


def one(table, change, which="1 = 1", pk="id"):
    first = f"(SELECT MIN({pk}) FROM {table} WHERE {which})"
    if change is None:
        return f"DELETE FROM {table} WHERE {pk} = {first}"
    return f"UPDATE {table} SET {change} WHERE {pk} = {first}"


def entry(change, which):
    return one("payments_creditentry", change, which)


def twin(starts, *, other):
    """A second session beside the one to come, alike but for the resource named."""
    columns = (
        "state ends_at frees_at created_at booked_at runner_id variant_id location_id policy_id"
        " therapist_id room_id local_start zone hold_key sequence moves token_version source_page"
        " article_title agreed_texts overrides"
    ).split()
    values = [{"runner_id": f"runner_id + {other}"}.get(name, name) for name in columns]
    return (
        f"INSERT INTO scheduling_booking (public_id, starts_at, {', '.join(columns)})"
        f" SELECT '{NOBODY}', {starts}, {', '.join(values)} FROM scheduling_booking WHERE {LIVE}"
    )


SAME = twin("starts_at", other=1)
INSIDE = twin("'2026-03-31 10:59:00'", other=0)

# What is done, rule by rule: each at least twice.
RED = {
    "I01": [SAME, INSIDE],
    "I02": [SAME, INSIDE],
    "I03": [INSIDE, twin("starts_at", other=0)],
    "I04": [TO_COME.format("ends_at = starts_at"), TO_COME.format("frees_at = starts_at")],
    "I05": [
        f"{UNNOTED}; DELETE FROM scheduling_workinghours",
        f"{UNNOTED}; INSERT INTO scheduling_closure (location_id, starts_on, ends_on, reason)"
        " SELECT MIN(id), '2026-03-31', '2026-03-31', '' FROM scheduling_location",
    ],
    "I06": [
        entry(None, "kind = 'purchase'"),
        entry("units = 90", "kind = 'use'"),
        entry(None, "kind = 'reserve'"),
    ],
    "I07": [
        entry("units = units + 1", "kind = 'purchase'"),
        entry("to_bucket = 'reserved'", "kind = 'reserve'")
        + ";" + entry("from_bucket = 'reserved'", "kind = 'reserve'"),
        entry("units = 0", "kind = 'use'"),
        "DELETE FROM payments_creditlot WHERE is_goodwill",
    ],
    "I08": [
        TO_COME.format("state = 'cancelled_clinic'"),
        f"DELETE FROM payments_creditentry WHERE kind = 'reserve' AND booking_id IN"
        f" (SELECT public_id FROM scheduling_booking WHERE {LIVE})",
        f"DELETE FROM scheduling_booking WHERE {LIVE}",
    ],
    "I09": [
        entry(None, "kind = 'use'"),
        f"UPDATE scheduling_booking SET state = 'cancelled_ontime' WHERE public_id = {DONE}",
        "UPDATE scheduling_bookingchange SET at = '2026-03-09 00:00:00'"
        " WHERE to_state = 'cancelled_late'",
    ],
    "I10": [
        TO_COME.format("runner_id = runner_id + 1"),
        "UPDATE payments_creditlot SET owner_id = owner_id + 1",
    ],
    "I11": [
        entry(None, "kind = 'expire'"),
        entry("effective_at = '2026-03-10 12:00:00', occurred_at = NULL", "kind = 'expire'"),
        entry("from_bucket = 'reserved'", "kind = 'expire'"),
    ],
    "I12": [
        "UPDATE payments_creditlot SET expires_on = '2026-03-09'",
        entry("posted_at = '2029-01-01 00:00:00'", "kind = 'reserve'"),
    ],
    "I13": [
        one("payments_creditlot", None, "order_line_id IS NOT NULL"),
        one("payments_order", "status = 'open'", "status = 'paid'"),
        one("payments_paymentattempt", None, "status = 'paid'"),
    ],
    "I14": [
        one("payments_order", "total_minor = total_minor + 1", "status = 'paid'"),
        one("payments_paymentattempt", "currency = 'EUR'", "status = 'paid'"),
        entry("actor_id = NULL", "kind = 'goodwill'"),
        one("payments_creditlot", "currency = 'EUR'", "order_line_id IS NOT NULL"),
    ],
    "I15": [
        one("payments_refundrequest", "amount_minor = 9000000", "status = 'succeeded'"),
        one("payments_charge", "amount_refunded_minor = 1", pk="id"),
        one("payments_refund", "amount_minor = amount_minor + 1", "status = 'succeeded'"),
    ],
    "I16": [
        one("payments_refundpart", None),
        entry(None, "kind = 'refund' AND source LIKE 'refund:%'"),
        one("payments_refundrequest", "status = 'failed'", "status = 'succeeded'"),
    ],
    "I17": [
        one("payments_balancetransaction", None, "reporting_category = 'charge'"),
        one("payments_journalentry", None, "source LIKE 'balance:%'"),
        "UPDATE payments_journalline SET amount_minor = 1 WHERE debit = '5000'",
    ],
    "I18": [
        one("payments_balancetransaction", "fee_minor = fee_minor + 1"),
        "UPDATE payments_refund SET balance_transaction_id = 'txn_1'",
    ],
    "I19": [
        one("payments_stripeevent", "status = 'pending', received_at = '2026-03-10 12:00:00'"),
        one("payments_stripeevent", "processed_at = NULL", "status = 'done'"),
    ],
    "I20": [
        one("payments_paymentattempt", "idempotency_key = 'checkout:X-1:1:00000000'",
            "idempotency_key LIKE 'checkout:%'"),
        one("payments_refundrequest", "idempotency_key = 'refund:X-1:1:1'"),
        "UPDATE payments_refundrequest SET sums = '{\"nonce\": \"n\"}', number = id + 100,"
        " order_id = (SELECT MIN(order_id) FROM payments_refundrequest)",
    ],
    "I21": [
        TO_COME.format("local_start = '2026-03-31T10:00'"),
        TO_COME.format("zone = 'Asia/Tokyo'"),
    ],
    "I22": [
        one("accounts_auditentry", "why = 'nothing to see'"),
        one("accounts_auditseal", None, pk="position"),
        "DELETE FROM accounts_auditseal",
    ],
    "I23": [
        "DELETE FROM accounts_message WHERE kind = 'booking_confirmed'",
        one("accounts_message", "sent_at = NULL, dropped_at = NULL, leased_until = NULL,"
            " send_after = '2026-03-10 12:00:00'"),
    ],
    "I24": [
        "UPDATE accounts_consent SET text = ''",
        "UPDATE accounts_consent SET at = '2099-01-01 00:00:00'",
        "UPDATE accounts_consent SET purpose = 'marketing' WHERE purpose = 'health'",
        one("accounts_consent", "granted = NOT granted", "purpose = 'health'"),
        "UPDATE accounts_intakeanswers SET delete_on = '2026-03-01'",
        "UPDATE accounts_treatmentnote SET delete_on = '2026-03-01'",
        f"INSERT INTO accounts_erasurerequest (public_id, person_id, asked_at, due_at, done_at,"
        f" credits_given_up, waits_for) SELECT '{NOBODY}', id, joined_at, joined_at, joined_at, 0,"
        f" '[]' FROM accounts_user WHERE NOT is_staff LIMIT 1",
    ],
    "I25": [
        "DELETE FROM mfa_authenticator",
        "UPDATE accounts_user SET is_staff = NOT is_staff",
        "UPDATE mfa_authenticator SET type = 'recovery_codes'",
    ],
}  # fmt: skip


def a_world(shop):
    """The month, and around it what belongs to the other rules; the moment of its proof."""
    a_month(shop)
    runner = Booking.objects.get(state="confirmed").runner
    consenting.give(
        runner,
        Purpose.MARKETING,
        text_version="1",
        text="You may write.",
        channel=Channel.ACCOUNT,
        by=runner,
        at=shop.at,
    )
    staff = User.objects.filter(is_staff=True)
    answered(questions_in_force(staff[0], at=shop.at), runner, at=shop.at)
    note_treatment(person=runner, session=uuid.uuid4(), words="Calf.", by=staff[0], at=shop.at)
    for person in staff:
        Authenticator.objects.create(user=person, type="totp", data={})
    seal_waiting(at=shop.at)
    outbox.send_due(at=shop.at, limit=1000)
    assert not Message.objects.due(shop.at).exists()
    return shop.at


def red(code, at):
    [verdict] = ask_all(at=at, rules=[BY_CODE[code]])
    return [(breach.about, breach.what) for breach in verdict.breaches]


def test_each_rule_holds_and_each_corruption_turns_it_red(shop):
    at = a_world(shop)
    green = {v.rule.code: list(v.breaches) for v in ask_all(at=at) if not v.holds}
    assert green == {}

    quiet = []
    with without_guards() as cursor:
        for code, corruptions in RED.items():
            assert len(corruptions) >= 2
            for sql in corruptions:
                point = transaction.savepoint()
                for statement in sql.split(";"):
                    cursor.execute(statement)
                if not red(code, at):
                    quiet.append((code, sql))
                transaction.savepoint_rollback(point)
    assert quiet == [], "\n".join(map(str, quiet))
    assert set(RED) == set(BY_CODE) == {f"I{number:02}" for number in range(1, 26)}
