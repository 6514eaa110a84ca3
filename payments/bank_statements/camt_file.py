"""CAMT.053, the statement of ISO 20022: booked entries, as every version of it writes them.

Read with defusedxml: no entities, no outside documents (docs/decisions/0006). Tags are compared
without their namespace, because it names the version and the parts we read never changed.
"""

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from payments.bank_statements.lines import (
    StatementError,
    StatementLine,
    amount_of,
    day_of,
    one_line,
)

BOOKED = "BOOK"
HEAD = 4096


def is_camt(content: bytes) -> bool:
    head = content[:HEAD].replace(b"\x00", b"")
    return b"camt.05" in head or b"BkToCstmrStmt" in head


def read_camt(content: bytes) -> list[StatementLine]:
    """The booked entries of all statements in the file; pending ones come with a later file."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as unsafe:
        raise StatementError("This file defines entities, which no statement needs.") from unsafe
    except (ParseError, ValueError, LookupError) as broken:
        raise StatementError("This file is broken: it is no complete XML.") from broken
    statements = list(_all(root, "Stmt"))
    if not statements:
        raise StatementError("There is no statement in this file. We read CAMT.053.")
    found: list[StatementLine] = []
    for statement in statements:
        account = _account(statement)
        for entry in _children(statement, "Ntry"):
            if _status(entry) == BOOKED:
                found.append(_line(entry, account, len(found) + 1))
    return found


def _line(entry: Element, account: str, number: int) -> StatementLine:
    amount = next(_children(entry, "Amt"), None)
    if amount is None:
        raise StatementError(f"Line {number} has no amount.")
    currency = amount.get("Ccy", "")
    minor = amount_of((amount.text or "").strip(), currency, number)
    sign = -1 if _text(entry, "CdtDbtInd") == "DBIT" else 1
    return StatementLine(
        booked_on=_day(entry, number),
        amount_minor=sign * minor,
        currency=currency,
        text=one_line(
            *(word.text for word in _all(entry, "Ustrd")),
            _text(entry, "AddtlNtryInf"),
            *(name.text for party in _all(entry, "Dbtr") for name in _all(party, "Nm")),
        ),
        reference=one_line(
            _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"),
            *(one.text for one in _all(entry, "EndToEndId") if one.text != "NOTPROVIDED"),
        ),
        account=account,
    )


def _day(entry: Element, number: int) -> date:
    for name in ("BookgDt", "ValDt"):
        for holder in _children(entry, name):
            for day in holder:
                return day_of(day.text or "", number)
    raise StatementError(f"Line {number} has no day.")


def _status(entry: Element) -> str:
    """Older versions write the word, newer ones a code inside."""
    holder = next(_children(entry, "Sts"), None)
    if holder is None:
        return BOOKED
    return _text(holder, "Cd") or (holder.text or "").strip()


def _account(statement: Element) -> str:
    for account in _children(statement, "Acct"):
        for holder in _children(account, "Id"):
            for one in (*_all(holder, "IBAN"), *_all(holder, "Id")):
                if one.text and one.text.strip():
                    return one.text.strip()
    return ""


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _name(child) == name)


def _all(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.iter() if one is not element and _name(one) == name)


def _text(element: Element, name: str) -> str:
    found = next(_children(element, name), None)
    return (found.text or "").strip() if found is not None else ""
