"""Files for QuickBooks and Xero: exact columns, balanced, cut at the limits, safe, complete."""

import csv
import io
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.exporting import Asked, quickbooks, xero
from payments.exporting.accounting import ExportError, Options
from payments.models import BalanceTransaction, JournalEntry, JournalLine

MARCH = Asked(start=date(2026, 3, 1), end=date(2026, 4, 1))
AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
US = Options("GBP")
UK = Options("GBP", days="dmy")


def make_movement(number=1, amount=44900, fee=1332, description="Five sessions", at=AT):
    return BalanceTransaction.objects.create(
        id=f"txn_{number:05}",
        amount_minor=amount,
        fee_minor=fee,
        net_minor=amount - fee,
        currency="GBP",
        reporting_category="charge" if amount > 0 else "refund",
        type="charge",
        description=description,
        created_at=at + timedelta(seconds=number),
        available_at=at,
    )


def make_entry(number=1, lines=1, description="Sold", minor=44900):
    entry = JournalEntry.objects.create(
        source=f"test:{number}", kind="sale", description=description, effective_at=AT, posted_at=AT
    )
    for _ in range(lines):
        JournalLine.objects.create(
            entry=entry, debit="1100", credit="2000", amount_minor=minor, currency="GBP"
        )
    return entry


def read(lines):
    return list(csv.reader(io.StringIO("".join(lines))))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "options", "expected"),
    [
        (
            quickbooks.bank_three,
            US,
            [
                ["Date", "Description", "Amount"],
                ["03/05/2026", "Five sessions", "449.00"],
                ["03/05/2026", "Fee: Five sessions", "-13.32"],
            ],
        ),
        (
            quickbooks.bank_four,
            UK,
            [
                ["Date", "Description", "Credit", "Debit"],
                ["05/03/2026", "Five sessions", "449.00", ""],
                ["05/03/2026", "Fee: Five sessions", "", "13.32"],
            ],
        ),
        (
            lambda asked, options: next(xero.bank(asked, options)),
            Options("GBP", days="iso"),
            [
                ["Date", "Amount", "Payee", "Description", "Reference"],
                ["2026-03-05", "449.00", "Stripe", "Five sessions", "txn_00001"],
                ["2026-03-05", "-13.32", "Stripe", "Fee: Five sessions", "txn_00001"],
            ],
        ),
    ],
)
def test_a_bank_file_has_the_rows_the_program_expects(make, options, expected):
    make_movement()

    assert read(make(MARCH, options)) == expected


@pytest.mark.django_db
def test_the_journal_of_quickbooks_goes_by_account_names():
    entry = make_entry()
    number = str(entry.pk)

    assert read(quickbooks.journal(MARCH, US)) == [
        ["JournalNo", "JournalDate", "AccountName", "Debits", "Credits", "Description", "Name"],
        [number, "03/05/2026", "Stripe clearing", "449.00", "", "Sold", ""],
        [number, "03/05/2026", "Deferred sessions", "", "449.00", "Sold", ""],
    ]


@pytest.mark.django_db
def test_the_journal_of_xero_goes_by_codes_and_credits_are_negative():
    entry = make_entry()
    header, *rows = read(next(xero.journal(MARCH, UK)))
    narration = f"Sold ({entry.pk})"

    assert ",".join(header) == (
        "*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount,"
        "TrackingName1,TrackingOption1,TrackingName2,TrackingOption2"
    )
    assert [row[:6] for row in rows] == [
        [narration, "05/03/2026", "", "1100", "Tax Exempt", "449.00"],
        [narration, "05/03/2026", "", "2000", "Tax Exempt", "-449.00"],
    ]


@pytest.mark.django_db
def test_a_statement_for_xero_is_cut_after_a_thousand_lines():
    for number in range(1001):
        make_movement(number, fee=0)

    assert [len(read(part)) - 1 for part in xero.bank(MARCH, UK)] == [1000, 1]


@pytest.mark.django_db
def test_no_journal_of_xero_is_in_two_files_and_each_balances():
    for number in range(4):
        make_entry(number, lines=2)  # four postings each

    files = [read(part)[1:] for part in xero.journal(MARCH, Options("GBP", most_lines=10))]

    assert [len(rows) for rows in files] == [8, 8]
    assert not {row[0] for row in files[0]} & {row[0] for row in files[1]}
    assert [sum(Decimal(row[5]) for row in rows) for rows in files] == [0, 0]


@pytest.mark.django_db
def test_a_journal_longer_than_a_file_is_refused_in_words():
    make_entry(lines=6)

    with pytest.raises(ExportError, match=r"12 lines.*Raise the limit"):
        list(xero.journal(MARCH, Options("GBP", most_lines=10)))


@pytest.mark.django_db
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_words_are_never_a_formula_and_figures_stay_figures(start):
    make_movement(amount=-500, fee=0, description=f"{start}cmd()")

    row = read(quickbooks.bank_three(MARCH, US))[1]

    assert row[1].startswith("'")
    assert row[2] == "-5.00"


@pytest.mark.django_db
def test_a_mark_for_excel_is_written_once_and_only_when_asked():
    make_movement()

    assert "".join(quickbooks.bank_three(MARCH, Options("GBP", bom=True))).count("\ufeff") == 1
    assert "\ufeff" not in "".join(quickbooks.bank_three(MARCH, US))


AMOUNTS = st.lists(
    st.tuples(st.integers(-99999, 99999), st.integers(0, 999)), min_size=1, max_size=8
)


class Sums(TestCase):
    @settings(max_examples=20, deadline=None)
    @given(AMOUNTS)
    def test_a_bank_file_comes_to_the_net_of_the_movements(self, amounts):
        for number, (amount, fee) in enumerate(amounts):
            make_movement(number, amount, fee)
        net = BalanceTransaction.objects.aggregate(net=Sum("net_minor"))["net"]

        three = sum(Decimal(row[2]) for row in read(quickbooks.bank_three(MARCH, US))[1:])
        four = sum(
            Decimal(row[2] or 0) - Decimal(row[3] or 0)
            for row in read(quickbooks.bank_four(MARCH, US))[1:]
        )
        of_xero = sum(Decimal(row[1]) for part in xero.bank(MARCH, UK) for row in read(part)[1:])

        assert three == four == of_xero == Decimal(net) / 100

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.integers(1, 99999), min_size=1, max_size=6))
    def test_every_journal_balances(self, amounts):
        for number, minor in enumerate(amounts):
            make_entry(number, minor=minor)
        sums = defaultdict(Decimal)
        for row in read(quickbooks.journal(MARCH, US))[1:]:
            sums[row[0]] += Decimal(row[3] or 0) - Decimal(row[4] or 0)

        assert len(sums) == len(amounts)
        assert set(sums.values()) == {0}
