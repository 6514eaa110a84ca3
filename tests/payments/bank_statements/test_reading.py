"""Statements of banks: the same two lines from every format, and a sentence for what is none."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bank_statements import Columns, ColumnsUnknown, StatementError, read_statement
from payments.money import major
from tests.payments.bank_statements import files

DAYS = [date(2026, 11, 3), date(2026, 11, 2)]


def read(content: bytes, **values):
    return read_statement(content, **{"currency": "GBP"} | values)


@pytest.mark.parametrize(
    ("content", "kind", "currency"),
    [
        (files.HSBC, "csv", "GBP"),
        (files.MONZO, "csv", "GBP"),
        (files.SPARKASSE, "csv", "EUR"),
        (files.WITH_A_PREAMBLE, "csv", "GBP"),
        (files.HSBC.decode().encode("utf-16"), "csv", "GBP"),
        (files.SGML, "ofx", "GBP"),
        (files.XML_OFX, "ofx", "GBP"),
        (files.CAMT_02, "camt", "EUR"),
        (files.CAMT_08, "camt", "EUR"),
    ],
)
def test_every_format_says_the_same(content, kind, currency):
    found, lines = read(content)

    assert found == kind
    assert [line.booked_on for line in lines] == DAYS
    assert [line.amount_minor for line in lines] == [120410, -90000]
    assert {line.currency for line in lines} == {currency}
    assert "stripe" in f"{lines[0].text} {lines[0].reference}".casefold()


def test_letters_and_entities_are_read_as_meant():
    assert "Müller" in read(files.SPARKASSE)[1][0].text
    assert "po_1 & fees" in read(files.SGML)[1][0].text


def test_the_amount_is_what_was_booked_not_what_was_instructed():
    """CAMT names the amount in the payer's currency too, deeper in the entry."""
    line = read(files.CAMT_02)[1][0]

    assert (line.amount_minor, line.currency) == (120410, "EUR")
    assert line.reference == "A1 po_1"
    assert line.account == "GB00BANK"


def test_columns_we_do_not_know_are_asked_for():
    with pytest.raises(ColumnsUnknown) as asked:
        read(files.UNKNOWN)

    assert asked.value.headers == ("When", "Wieviel", "Wozu")
    assert asked.value.sample[0] == ("2026-11-03", "1204.10", "STRIPE")
    told = Columns(day="When", amount="Wieviel", text="Wozu")
    assert [line.amount_minor for line in read(files.UNKNOWN, columns=told)[1]] == [120410, -90000]


def test_columns_that_are_not_there_are_asked_for_again():
    with pytest.raises(ColumnsUnknown):
        read(files.UNKNOWN, columns=Columns(day="When", amount="Nowhere"))


def csv(*rows: str, header: str = "Date,Amount,Description") -> bytes:
    return "\n".join([header, *rows]).encode()


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("5.10", 510),
        ("-5.10", -510),
        ("5", 500),
        ('"1,234,567.89"', 123456789),
        ("£5.10", 510),
        ("(5.10)", -510),
        ("5.10-", -510),
        ("GBP 5.10", 510),
        ("5.10 GBP", 510),
        ("-£5.10", -510),
        ("+5.10", 510),
        ("\N{MINUS SIGN}5.10", -510),
        ("0.00", 0),
    ],
)
def test_amounts_as_banks_write_them(text, minor):
    assert read(csv(f"2026-11-03,{text},x"))[1][0].amount_minor == minor


@pytest.mark.parametrize("text", ["abc", "1.234", "5.1.1", "--", "5x1", "1e999999", "NaN", ""])
def test_amounts_that_are_none_are_named(text):
    with pytest.raises(StatementError, match="Line 1 has"):
        read(csv(f"2026-11-03,{text},x"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-03", (11, 3)),
        ("03/11/2026", (11, 3)),
        ("03-11-2026", (11, 3)),
        ("3 Nov 2026", (11, 3)),
        ("2026-11-03T10:00:00Z", (11, 3)),
        ("03/11/2026 10:00", (11, 3)),
        ("11/23/2026", (11, 23)),
    ],
)
def test_days_as_banks_write_them(text, day):
    found = read(csv(f"{text},5.00,x"))[1][0].booked_on
    assert (found.month, found.day) == day


def test_one_odd_day_turns_the_whole_file_american():
    """03/11 alone is the third of November; beside 11/23 it is the eleventh of March."""
    lines = read(csv("03/11/2026,5.00,x", "11/23/2026,5.00,x"))[1]
    assert [line.booked_on.month for line in lines] == [3, 11]


def test_a_person_may_say_that_the_month_comes_first():
    told = Columns(day="Date", amount="Amount", month_first=True)
    assert read(csv("03/11/2026,5.00,x"), columns=told)[1][0].booked_on == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "too large"),
        (bytes(range(256)) * 4, "no statement we can read"),
        (b"just one line", "no statement we can read"),
        (b"%PDF-1.7\nhello\nthere", "no statement we can read"),
        (files.BOMB, "defines entities"),
        (files.CAMT_02[:-40], "broken"),
        (files.CAMT_02.replace(b"1204.10", b"1204.105", 1), "Line 1 has an amount"),
        (files.CAMT_02.replace(b"2026-11-03", b"2026-13-03"), "Line 1 has a day"),
        (files.CAMT_02.replace(b'Ccy="EUR"', b'Ccy="E"'), "no currency that we know"),
        (b"<?xml version='1.0'?><Document xmlns='camt.053'/>", "no statement in this file"),
        (files.SGML[:60], "broken"),
        (b"OFXHEADER:100\n\n<OFX><!ENTITY x>", "defines entities"),
        (files.SGML.replace(b"1204.10", b"lots"), "Line 1 has an amount"),
        (csv("soon,5.00,x"), "cannot read the days"),
        (csv("1026-11-03,5.00,x"), "cannot be right"),
        (csv("2026-11-03,99999999999999999.00,x"), "too large to be true"),
        (csv("2026-11-03,5.00,x,POUNDS", header="Date,Amount,Description,Currency"), "currency"),
        (csv(*["2026-11-03,5.00,x"] * 20_001), "too many lines"),
    ],
)
def test_what_cannot_be_read_says_why(content, says):
    with pytest.raises(StatementError, match=says):
        read(content)


@given(content=st.binary(max_size=300))
def test_no_bytes_break_it(content):
    for start in (b"", b"OFXHEADER:100\n\n<OFX>", b"<?xml version='1.0'?><D xmlns='camt.053'>"):
        try:
            read(start + content)
        except StatementError:
            continue


@given(minor=st.integers(-(10**9), 10**9), comma=st.booleans())
def test_an_amount_written_is_read_again(minor, comma):
    plain = f"{major(minor, 'GBP'):,.2f}"
    if comma:
        plain = plain.translate(str.maketrans(",.", ".,"))
    [line] = read(csv(f"2026-11-03;{plain};x", header="Date;Amount;Description"))[1]
    assert major(line.amount_minor, "GBP") == Decimal(minor) / 100
