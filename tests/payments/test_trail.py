"""What somebody does with money and credits is in the audit trail, in figures and without names."""

import uuid
from datetime import date, timedelta

import pytest

from accounts.models import AuditEntry
from payments.banking import set_aside, take_back
from payments.cashing_up import cash_up
from payments.crediting import (
    expire_due,
    extend_lot,
    freeze_lot,
    thaw_lot,
    transfer_units,
    undo_extension,
    withdraw_goodwill,
)
from payments.desk_selling import sell_at_desk
from payments.models import BankImport, BankLine, CreditEntry, JournalEntry, Mismatch, Package
from payments.period_end import close_period
from payments.posting import reverse_entry
from payments.resolving import resolve_mismatch
from tests.builders import (
    NOON,
    make_goodwill,
    make_lot,
    make_package,
    make_runner,
    make_staff,
)

pytestmark = pytest.mark.django_db
WHY = "She was ill"


@pytest.fixture
def sam():
    return make_staff()


def how(by, **values):
    return {"reason": WHY, "by": by, "at": NOON, "key": uuid.uuid4()} | values


def written(act):
    """What an act left in the trail: its actions, and its entries."""
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    act()
    return list(AuditEntry.objects.exclude(pk__in=before).order_by("pk"))


def bank_line(by):
    kept = BankImport.objects.create(
        format="csv", sha256=uuid.uuid4().hex, imported_at=NOON, imported_by=by
    )
    return BankLine.objects.create(
        imported=kept, booked_on=NOON, amount_minor=100, fingerprint=uuid.uuid4().hex
    )


def test_each_act_of_a_person_leaves_its_entry(sam):
    lot = make_lot(make_runner(), units=3, price_minor=10000, validity_days=30)
    given = make_goodwill(lot.owner, by=sam)
    package = make_package()
    line = bank_line(sam)
    mismatch = Mismatch.objects.create(code="M11", about="po_1", first_seen_at=NOON)
    until = lot.expires_on + timedelta(days=10)
    other = make_runner()

    def undo():
        last = CreditEntry.objects.filter(kind="extend").latest("pk")
        undo_extension(entry=last, **how(sam))

    table = [
        ("credits.extend", lambda: extend_lot(lot=lot, until=until, **how(sam))),
        ("credits.extend", undo),
        ("credits.freeze", lambda: freeze_lot(lot=lot, **how(sam))),
        ("credits.thaw", lambda: thaw_lot(lot=lot, **how(sam))),
        ("credits.goodwill", lambda: make_goodwill(lot.owner, by=sam, reason=WHY)),
        ("credits.reverse", lambda: withdraw_goodwill(lot=given, **how(sam))),
        (
            "credits.transfer credits.transfer",
            lambda: transfer_units(
                lot=lot, units=1, to=other, reason=WHY, by=sam, at=NOON, source="transfer:1"
            ),
        ),
        (
            "money.paid credits.purchase",
            lambda: sell_at_desk(
                buyer=other, package=package, method="cash", by=sam, at=NOON, key=uuid.uuid4()
            ),
        ),
        (
            "money.till_counted journal.posted",
            lambda: cash_up(
                person=sam,
                on=date(2026, 3, 10),
                currency="GBP",
                counted_minor=25000,
                note=WHY,
                by=sam,
                at=NOON,
            ),
        ),
        (
            "journal.posted",
            lambda: reverse_entry(
                entry=JournalEntry.objects.earliest("pk"), by=sam, at=NOON, reason=WHY
            ),
        ),
        (
            "money.mismatch_resolved",
            lambda: resolve_mismatch(mismatch=mismatch, resolution=WHY, by=sam, at=NOON),
        ),
        (
            "money.period_closed",
            lambda: close_period(
                ends_on=date(2026, 3, 10), by=sam, at=NOON + timedelta(days=1), despite=WHY
            ),
        ),
    ]
    for expected, act in table:
        entries = written(act)
        assert " ".join(entry.action for entry in entries) == expected
        who = {entry.by for entry in entries if entry.action != "credits.purchase"}
        assert who == {sam.public_id}, expected
    reasons = AuditEntry.objects.filter(why__contains=WHY).values_list("action", flat=True)
    assert set(reasons) > {"credits.freeze", "journal.posted", "money.mismatch_resolved"}
    for expected, act in (
        ("money.bank_set_aside", lambda: set_aside(line=line, because=WHY)),
        ("money.bank_taken_back", lambda: take_back(line=line)),
    ):
        assert [entry.action for entry in written(act)] == [expected]


def test_an_extension_says_both_days_and_whose_credits(sam):
    lot = make_lot(make_runner(), validity_days=30)
    before, until = lot.expires_on, lot.expires_on + timedelta(days=10)

    [entry] = written(lambda: extend_lot(lot=lot, until=until, **how(sam)))

    assert (entry.about, entry.key, entry.runner) == (
        "lot",
        str(lot.public_id),
        lot.owner.public_id,
    )
    assert entry.before == {"expires_on": before.isoformat()}
    assert entry.after["expires_on"] == until.isoformat()


def test_a_price_changed_by_hand_says_what_it_was():
    package = make_package(price_minor=26000)
    package.price_minor = 28000

    [entry] = written(package.save)
    assert (entry.action, entry.about, entry.key) == ("catalogue.changed", "package", package.code)
    assert (entry.before, entry.after) == ({"price_minor": 26000}, {"price_minor": 28000})
    assert written(package.save) == []
    assert written(lambda: Package.objects.get(pk=package.pk).save()) == []


def test_what_rules_do_by_themselves_is_left_to_the_ledgers():
    make_lot(make_runner(), validity_days=1)

    assert written(lambda: expire_due(at=NOON + timedelta(days=5))) == []
    assert CreditEntry.objects.filter(kind="expire").exists()
