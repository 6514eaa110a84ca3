"""The bank's statement: imported once, matched once, undone by reversal; M12 until it is there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.balances import balance_of
from payments.bank_statements import StatementError
from payments.banking import (
    BankError,
    DoesNotMatch,
    LineTaken,
    ReasonMissing,
    business_days_after,
    import_statement,
    mark_arrived,
    match,
    match_sure_ones,
    matchable,
    payouts_without_bank_line,
    set_aside,
    suggestions,
    take_back,
    unmatch,
)
from payments.chart import Role
from payments.checking import check_mismatches
from payments.models import BankImport, BankLine, JournalEntry, Mismatch, Payout
from payments.posting import post_payout
from payments.resolving import accept_suggestion
from tests.builders import make_staff
from tests.payments.bank_statements import files

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 9, 9, tzinfo=UTC)  # a Monday
TUESDAY = date(2026, 11, 3)


@pytest.fixture
def bo():
    return make_staff(name="Bo Books")


def make_payout(pk="po_1", amount_minor=120410, arrival_on=TUESDAY, **values) -> Payout:
    payout = Payout.objects.create(
        **{
            "pk": pk,
            "amount_minor": amount_minor,
            "status": "paid",
            "automatic": True,
            "arrival_on": arrival_on,
            "created_at": datetime(2026, 10, 30, 9, tzinfo=UTC),
        }
        | values
    )
    post_payout(payout=payout, at=AT)
    return payout


def csv(*rows: str) -> bytes:
    return "\n".join(["Date,Amount,Description", *rows]).encode()


def imported(by, content=files.HSBC, **values):
    return import_statement(
        **{"content": content, "file_name": "november.csv", "by": by, "at": AT} | values
    )


def line_of(by, text="STRIPE", amount="1204.10", day="2026-11-03") -> BankLine:
    return imported(by, csv(f"{day},{amount},{text}")).bank_import.lines.get()


def balances() -> tuple[int, int]:
    roles = (Role.BANK, Role.BANK_IN_TRANSIT)
    return tuple(balance_of(role, currency="GBP") for role in roles)


# importing -----------------------------------------------------------------------------------
def test_a_file_brings_its_lines(bo):
    done = imported(bo)

    assert (done.new, done.known) == (2, 0)
    assert (done.bank_import.format, done.bank_import.imported_by) == ("csv", bo)
    assert sorted(BankLine.objects.values_list("amount_minor", flat=True)) == [-90000, 120410]


def test_the_same_file_again_is_harmless(bo):
    first, second = imported(bo), imported(bo, file_name="again.csv")

    assert second.bank_import == first.bank_import
    assert (second.new, second.known) == (0, 2)
    assert BankLine.objects.count() == 2


def test_an_overlapping_file_brings_only_what_is_new(bo):
    coffee = "2026-11-03,-3.20,Coffee"
    imported(bo, csv(coffee, coffee, "2026-11-03,1204.10,STRIPE"))
    done = imported(bo, csv("2026-11-04,7.00,Tape", coffee, coffee, coffee))

    assert (done.new, done.known) == (2, 2)  # the tape, and a third coffee
    assert BankLine.objects.filter(text="Coffee").count() == 3


@pytest.mark.parametrize(
    "content",
    [
        csv("2026-11-03,5.00,x", "2026-11-04,wrong,x"),
        csv("2026-11-03,5.00,x", "2026-12-31,5.00,x"),
        files.BOMB,
    ],
)
def test_a_bad_file_leaves_nothing_half_written(bo, content):
    with pytest.raises(StatementError):
        imported(bo, content)

    assert not BankImport.objects.exists()
    assert not BankLine.objects.exists()


def test_days_to_come_hint_at_swapped_months(bo):
    with pytest.raises(StatementError, match="Are day and month swapped"):
        imported(bo, csv("2026-11-11,5.00,x"))


def test_importing_does_not_cost_a_query_a_line(bo):
    def cost(rows: int) -> int:
        content = csv(*(f"2026-11-03,{rows}.{row:02},x" for row in range(rows)))
        with CaptureQueriesContext(connection) as queries:
            imported(bo, content)
        return len(queries)

    assert cost(2) == cost(60)


# matching ------------------------------------------------------------------------------------
def test_a_payout_on_the_statement_is_in_the_bank(bo):
    payout, line = make_payout(), line_of(bo)
    assert balances() == (0, 120410)

    for _ in range(2):
        match(line=line, payout=payout, by=bo, at=AT)

    assert balances() == (120410, 0)
    line.refresh_from_db()
    assert (line.payout, line.matched_by) == (payout, bo)
    assert JournalEntry.objects.filter(kind="bank arrival").count() == 1


def test_a_match_is_undone_by_reversal_and_may_be_made_again(bo):
    payout, line = make_payout(), line_of(bo)
    match(line=line, payout=payout, by=bo, at=AT)

    for _ in range(2):
        unmatch(line=line, by=bo, at=AT)
    assert balances() == (0, 120410)
    assert JournalEntry.objects.get(kind="bank arrival undone").reverses.kind == "bank arrival"

    match(line=line, payout=payout, by=bo, at=AT)
    unmatch(line=line, by=bo, at=AT)
    match(line=line, payout=payout, by=bo, at=AT)
    assert balances() == (120410, 0)


@pytest.mark.parametrize(
    "values", [{"amount_minor": 120411}, {"currency": "EUR"}, {"status": "failed"}]
)
def test_what_is_not_that_payout_is_not_matched(bo, values):
    with pytest.raises(DoesNotMatch):
        match(line=line_of(bo), payout=make_payout(**values), by=bo, at=AT)

    assert not JournalEntry.objects.filter(kind="bank arrival").exists()


def test_one_line_is_one_payout(bo):
    line, other = line_of(bo), line_of(bo, text="STRIPE again")
    first, second = make_payout(), make_payout("po_2")
    match(line=line, payout=first, by=bo, at=AT)

    for wrong_line, payout in ((line, second), (other, first)):
        with pytest.raises(LineTaken):
            match(line=wrong_line, payout=payout, by=bo, at=AT)


def test_money_that_stripe_takes_back_is_matched_too(bo):
    payout = make_payout(amount_minor=-5000)
    match(line=line_of(bo, amount="-50.00"), payout=payout, by=bo, at=AT)

    assert balances() == (-5000, 0)


# suggesting ----------------------------------------------------------------------------------
def suggested(*lines: BankLine) -> list[tuple[list[str], bool]]:
    return [([payout.pk for payout in one.payouts], one.is_sure) for one in suggestions(lines)]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2026-11-01", []),
        ("2026-11-02", ["po_1"]),  # a day early
        ("2026-11-03", ["po_1"]),
        ("2026-11-09", ["po_1"]),
        ("2026-11-10", ["po_1"]),  # five business days late
        ("2026-11-11", []),
    ],
)
def test_a_line_may_be_a_payout_around_its_day(bo, day, found):
    make_payout()
    line = imported(bo, csv(f"{day},1204.10,STRIPE"), at=AT + timedelta(days=7)).bank_import
    assert suggested(line.lines.get()) == [(found, bool(found))]


def test_a_line_without_stripes_name_is_suggested_not_sure(bo):
    make_payout()
    assert suggested(line_of(bo, text="Faster payment")) == [(["po_1"], False)]


def test_two_payouts_of_one_amount_are_for_a_person(bo):
    make_payout()
    make_payout("po_2", arrival_on=TUESDAY + timedelta(days=1))
    assert suggested(line_of(bo)) == [(["po_1", "po_2"], False)]


def test_two_lines_of_one_payout_are_for_a_person(bo):
    make_payout()
    lines = (line_of(bo), line_of(bo, text="STRIPE too"))
    assert suggested(*lines) == [(["po_1"], False)] * 2


@pytest.mark.parametrize("text", ["Transfer po_2", "TRACE-99 from somewhere"])
def test_a_line_that_names_the_payout_is_sure(bo, text):
    make_payout()
    make_payout("po_2", trace_id="trace-99")
    assert suggested(line_of(bo, text=text)) == [(["po_2"], True)]


def test_only_the_sure_ones_are_matched_at_once(bo):
    make_payout()
    make_payout("po_2", amount_minor=500)
    imported(bo, csv("2026-11-03,1204.10,STRIPE", "2026-11-03,5.00,Somebody"))

    assert match_sure_ones(by=bo, at=AT) == 1
    assert BankLine.objects.get(payout="po_1").matched_by == bo


def test_suggesting_costs_the_same_for_many_lines(bo):
    make_payout()
    imported(bo, csv(*(f"2026-11-03,1204.10,STRIPE {row}" for row in range(20))))
    lines = list(BankLine.objects.all())
    with CaptureQueriesContext(connection) as queries:
        suggestions(lines)
    assert len(queries) == 1


def test_a_late_line_can_still_be_matched_by_hand(bo):
    payout = make_payout(arrival_on=date(2026, 9, 1))
    assert matchable(line_of(bo)) == [payout]


# aside ---------------------------------------------------------------------------------------
def test_a_line_is_set_aside_with_a_reason_and_taken_back(bo):
    line = line_of(bo, text="Rent", amount="-900.00")
    with pytest.raises(ReasonMissing):
        set_aside(line=line, because=" ")

    set_aside(line=line, because="Rent")
    assert not BankLine.objects.unmatched().exists()
    with pytest.raises(LineTaken):
        match(line=line, payout=make_payout(amount_minor=-90000), by=bo, at=AT)
    take_back(line=line)
    assert BankLine.objects.unmatched().get() == line


def test_a_matched_line_is_not_set_aside(bo):
    line = match(line=line_of(bo), payout=make_payout(), by=bo, at=AT)
    with pytest.raises(LineTaken):
        set_aside(line=line, because="Rent")


# M12 -----------------------------------------------------------------------------------------
def moment(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=UTC)


def test_a_payout_is_missed_after_three_business_days(bo):
    make_payout()  # due on Tuesday the third

    assert payouts_without_bank_line(moment(6)) == []
    assert [payout.pk for payout in payouts_without_bank_line(moment(7))] == ["po_1"]


@pytest.mark.parametrize("status", ["pending", "in_transit", "failed", "canceled"])
def test_only_what_stripe_calls_paid_is_missed(status):
    make_payout(status=status)
    assert payouts_without_bank_line(moment(30)) == []


def test_it_is_a_mismatch_until_it_is_matched(bo):
    payout = make_payout()
    imported(bo, csv("2026-11-02,-900.00,Rent"))
    check_mismatches(at=AT)
    assert Mismatch.objects.open().get(code="M12").about == "po_1"

    match(line=line_of(bo), payout=payout, by=bo, at=AT)

    assert not Mismatch.objects.open().filter(code="M12").exists()
    check_mismatches(at=AT)
    assert not Mismatch.objects.open().filter(code="M12").exists()


def test_it_may_be_marked_without_a_file(bo):
    payout = make_payout()
    imported(bo, csv("2026-11-02,-900.00,Rent"))
    check_mismatches(at=AT)

    first = mark_arrived(payout=payout, on=TUESDAY, by=bo, at=AT)
    assert mark_arrived(payout=payout, on=TUESDAY, by=bo, at=AT) == first

    assert balances() == (120410, 0)
    assert not Mismatch.objects.open().filter(code="M12").exists()
    unmatch(line=first, by=bo, at=AT)
    mark_arrived(payout=payout, on=TUESDAY, by=bo, at=AT)
    assert balances() == (120410, 0)


def test_nothing_arrives_on_a_day_to_come(bo):
    with pytest.raises(BankError):
        mark_arrived(payout=make_payout(), on=AT.date() + timedelta(days=1), by=bo, at=AT)
    assert not BankLine.objects.exists()


def test_the_button_of_the_mismatch_matches_the_line_and_posts_it(bo):
    make_payout()
    line_of(bo)
    check_mismatches(at=AT)

    done = accept_suggestion(mismatch=Mismatch.objects.open().get(code="M12"), by=bo, at=AT)

    assert done.mismatch.resolved_by == bo
    assert balances() == (120410, 0)


def test_the_other_button_says_that_it_arrived(bo):
    make_payout()
    imported(bo, csv("2026-11-02,-900.00,Rent"))
    check_mismatches(at=AT)
    found = Mismatch.objects.open().get(code="M12")

    accept_suggestion(mismatch=found, by=bo, at=AT, key="arrived")

    assert not Mismatch.objects.open().filter(code="M12").exists()
    assert balances() == (120410, 0)


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [(2, 3, 5), (4, 3, 9), (6, 1, 9), (7, 1, 9), (8, 1, 9), (3, 5, 10)],
)
def test_business_days_leave_out_the_weekend(day, count, then):
    assert business_days_after(date(2026, 11, day), count) == date(2026, 11, then)
