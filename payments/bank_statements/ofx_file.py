"""OFX, 1 (SGML) and 2 (XML), through ofxtools: its tree, because real banks bend the schema."""

from html import unescape
from io import BytesIO
from xml.etree.ElementTree import Element

from ofxtools.header import OFXHeaderError
from ofxtools.Parser import OFXTree, ParseError

from payments.bank_statements.lines import (
    StatementError,
    StatementLine,
    amount_of,
    day_of,
    one_line,
)

HEAD = 4096
STATEMENTS = ("STMTRS", "CCSTMTRS")


def is_ofx(content: bytes) -> bool:
    head = content[:HEAD].lstrip(b"\xef\xbb\xbf \r\n\t").upper()
    return head.startswith(b"OFXHEADER") or b"<OFX>" in head or b"<?OFX" in head


def read_ofx(content: bytes, currency: str) -> list[StatementLine]:
    """The transactions of all statements in the file; ``currency`` where none is named."""
    if b"<!ENTITY" in content.upper() or b"<!DOCTYPE" in content.upper():
        raise StatementError("This file defines entities, which no statement needs.")
    tree = OFXTree()
    try:
        root = tree.parse(BytesIO(content.lstrip(b"\xef\xbb\xbf \r\n\t")))
    except (ParseError, OFXHeaderError, ValueError, LookupError, AssertionError) as broken:
        raise StatementError("This file is broken: it is no complete OFX.") from broken
    if root is None:
        raise StatementError("This file is broken: it is no complete OFX.")
    found: list[StatementLine] = []
    for name in STATEMENTS:
        for statement in root.iter(name):
            account = statement.findtext(".//ACCTID") or ""
            money = (statement.findtext("CURDEF") or currency).strip().upper()
            for row in statement.iter("STMTTRN"):
                found.append(_line(row, account.strip(), money, len(found) + 1))
    return found


def _line(row: Element, account: str, currency: str, number: int) -> StatementLine:
    amount = (row.findtext("TRNAMT") or "").strip().replace(",", ".")
    return StatementLine(
        booked_on=day_of(row.findtext("DTPOSTED") or "", number),
        amount_minor=amount_of(amount, currency, number),
        currency=currency,
        text=_words(row, "NAME", "PAYEE/NAME", "MEMO"),
        reference=_words(row, "FITID", "REFNUM"),
        account=account,
    )


def _words(row: Element, *names: str) -> str:
    """What the row says under these tags; the reader leaves &amp; as it is written."""
    return one_line(*(unescape(row.findtext(name) or "") for name in names))
