"""The database's own promises, tried from below the acts."""

import uuid
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction

from payments import guards
from payments.mismatching import open_mismatch
from payments.models import (
    CreditEntry,
    CreditLot,
    JournalEntry,
    JournalLine,
    Mismatch,
    Order,
    OrderLine,
)
from payments.models.credits import AppendOnlyError
from tests.builders import NOON, make_lot, make_policy

pytestmark = pytest.mark.django_db
LEDGERS = [CreditEntry, JournalEntry, JournalLine, OrderLine]


def run(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize("model", LEDGERS)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_a_ledger_is_never_edited(model, verb):
    make_lot()
    with pytest.raises(IntegrityError, match="append_only"):
        run(verb.format(model._meta.db_table))


@pytest.mark.parametrize("model", [CreditEntry, JournalEntry, JournalLine])
def test_the_query_set_says_it_in_words(model):
    with pytest.raises(AppendOnlyError):
        model.objects.all().update(id=5)
    with pytest.raises(AppendOnlyError):
        model.objects.all().delete()


def entry(lot, kind, units, way, **more):
    with transaction.atomic():
        return CreditEntry.objects.create(
            lot=lot,
            kind=kind,
            units=units,
            from_bucket=way[0],
            to_bucket=way[1],
            effective_at=NOON,
            posted_at=NOON,
            source=str(uuid.uuid4()),
            **more,
        )


@pytest.mark.parametrize(
    ("kind", "units", "way"),
    [
        ("reserve", 6, ("available", "reserved")),
        ("release", 1, ("reserved", "available")),
        ("use", 1, ("reserved", "used")),
        ("expire", 6, ("available", "expired")),
        ("purchase", 1, ("issued", "available")),
    ],
)
def test_no_bucket_gives_what_it_has_not(kind, units, way):
    lot = make_lot()
    with pytest.raises(IntegrityError, match=r"credit_bucket_not_negative|credit_lot_issued_once"):
        entry(lot, kind, units, way, booking_id=uuid.uuid4())


@pytest.mark.parametrize(
    ("kind", "way", "booking", "name"),
    [
        ("reserve", ("available", "used"), uuid.uuid4(), "entry_way_follows_kind"),
        ("purchase", ("available", "issued"), None, "entry_way_follows_kind"),
        ("reserve", ("available", "reserved"), None, "entry_of_session_has_booking"),
    ],
)
def test_a_movement_goes_the_way_of_its_kind(kind, way, booking, name):
    lot = make_lot()
    with pytest.raises(IntegrityError, match=name):
        entry(lot, kind, 1, way, booking_id=booking)


def test_one_cause_moves_once():
    lot = make_lot()
    first = lot.entries.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditEntry.objects.create(
            lot=lot,
            kind="extend",
            units=1,
            from_bucket="available",
            to_bucket="available",
            effective_at=NOON,
            posted_at=NOON,
            source=first.source,
        )


def test_terms_in_use_cannot_be_rewritten():
    policy = make_policy()
    policy.summary = "Not used yet, so it may still change."
    policy.save()
    make_lot(policy=policy)

    policy.cancel_window_minutes = 0
    with pytest.raises(IntegrityError, match="policy_frozen_once_used"), transaction.atomic():
        policy.save()


def test_a_lot_is_bought_or_a_gift():
    lot = make_lot()
    with pytest.raises(IntegrityError, match="lot_bought_or_goodwill"), transaction.atomic():
        CreditLot.objects.filter(pk=lot.pk).update(is_goodwill=True)


@pytest.mark.parametrize(
    ("model", "changes", "name"),
    [
        (Order, {"status": "dreamt", "paid_at": None}, "order_status_known"),
        # Two constraints refuse it; which of them speaks first is the engine's choice.
        (CreditLot, {"status": "melted"}, "lot_status_known|lot_frozen_for_a_reason"),
        (Mismatch, {"status": "resolved"}, "mismatch_resolved_has_moment"),
        (Mismatch, {"resolved_at": NOON}, "mismatch_resolved_has_moment"),
    ],
)
def test_values_that_must_never_exist(model, changes, name):
    make_lot()
    open_mismatch("M16", about="a lot", at=NOON)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.update(**changes)


sqlite_only = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="only SQLite rebuilds tables"
)


@sqlite_only
def test_guards_are_lifted_for_a_migration_and_put_back_after_it():
    lot = make_lot()
    migration = SimpleNamespace(app_label="payments")

    guards.lift(using="default", plan=[(migration, False)])
    assert not guards_in_place()
    guards.put_back(using="default")

    with pytest.raises(IntegrityError, match="append_only"):
        run("DELETE FROM payments_creditentry")
    with pytest.raises(IntegrityError, match="credit_bucket_not_negative"):
        entry(lot, "reserve", 6, ("available", "reserved"), booking_id=uuid.uuid4())


@sqlite_only
@pytest.mark.parametrize("plan", [[], [(SimpleNamespace(app_label="cms"), False)]])
def test_guards_stay_while_others_migrate(plan):
    guards.lift(using="default", plan=plan)

    assert guards_in_place()


def guards_in_place():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        names = {name for (name,) in cursor.fetchall()}
    return {"credit_bucket_not_negative", "policy_frozen_once_used"} <= names
