"""Reading what mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965).

Nothing here touches the database. A report is only believed as far as it names one of our mails
by the id that nobody but its receiver and the servers on the way have seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.parser import HeaderParser
from typing import Final
from uuid import UUID

LONGEST: Final = 2_000_000  # bytes; a report with the whole mail and its calendar file is smaller
_UUID: Final = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_MESSAGE_ID: Final = re.compile(rf"<({_UUID})@[^<>\s]+>", re.IGNORECASE)
_RETURN_PATH: Final = re.compile(rf"\+({_UUID})@", re.IGNORECASE)
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS: Final = re.compile(r"<?[^\s<>:;,]+@[^\s<>:;,]+>?")
# The mail was refused, but the address is fine: full, too big, or taken for spam.
_NOT_THE_ADDRESS: Final = frozenset({"5.2.2", "5.2.3", "5.3.4"})
_POLICY: Final = "7"


@dataclass(frozen=True, slots=True)
class Report:
    """What came back: which of our mails it may be about, and what became of it."""

    message_ids: tuple[UUID, ...]
    failed: bool = False
    complaint: bool = False
    status: str = ""
    said: str = ""

    @property
    def address_is_dead(self) -> bool:
        """Whether no mail to this address will ever arrive, whatever is in it."""
        if not self.failed or not self.status.startswith("5."):
            return False
        return self.status not in _NOT_THE_ADDRESS and self.status.split(".")[1] != _POLICY


def read_report(raw: bytes) -> Report | None:
    """The report in a mail; None when the mail is none, such as an answer of somebody's."""
    mail = message_from_bytes(raw[:LONGEST], policy=policy.compat32)
    kind = _report_type(mail)
    if kind == "delivery-status":
        return _delivery(mail)
    if kind == "feedback-report":
        return _complaint(mail)
    return None


def _report_type(mail: Message) -> str:
    """Some servers leave the report's type out: its second part tells as well."""
    if mail.get_content_type() != "multipart/report":
        return ""
    named = str(mail.get_param("report-type", "")).lower()
    types = {part.get_content_type() for part in mail.walk()}
    for kind in ("delivery-status", "feedback-report"):
        if named == kind or f"message/{kind}" in types:
            return kind
    return ""


def _delivery(mail: Message) -> Report:
    failed, status, said = False, "", ""
    for fields in _fields(mail, "message/delivery-status"):
        if str(fields.get("Action", "")).strip().lower() != "failed":
            continue
        failed = True
        said = " ".join(str(fields.get("Diagnostic-Code", "")).split())
        status = _status(str(fields.get("Status", ""))) or _status(said)
    return Report(_ids(mail), failed=failed, status=status, said=_without_addresses(said))


def _complaint(mail: Message) -> Report:
    fields = next(_fields(mail, "message/feedback-report"), Message())
    kind = str(fields.get("Feedback-Type", "")).strip().lower()
    return Report(_ids(mail), complaint=kind in ("abuse", "fraud", "opt-out"), said=kind[:40])


def _fields(mail: Message, content_type: str) -> Iterator[Message]:
    """The groups of fields of a report: the parser keeps each as a message of its own."""
    for part in mail.walk():
        if part.get_content_type() != content_type:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (group for group in payload if isinstance(group, Message))
        else:
            yield from map(HeaderParser().parsestr, re.split(r"\r?\n\r?\n", str(payload)))


def _status(words: str) -> str:
    found = _STATUS.search(words)
    return found[0] if found else ""


def _ids(mail: Message) -> tuple[UUID, ...]:
    """Ours by the address the report was sent to, by the returned headers, by what it answers."""
    found: dict[UUID, None] = {}
    for name in ("To", "Delivered-To", "X-Original-To"):
        for value in mail.get_all(name, []):
            found.update(dict.fromkeys(map(UUID, _RETURN_PATH.findall(str(value)))))
    for headers in (*_returned(mail), mail):
        for name in ("Message-ID", "In-Reply-To", "References"):
            values = " ".join(map(str, headers.get_all(name, [])))
            found.update(dict.fromkeys(map(UUID, _MESSAGE_ID.findall(values))))
    return tuple(found)


def _returned(mail: Message) -> Iterator[Message]:
    """The headers of the mail that came back, whole or by themselves."""
    for part in mail.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list):
            yield from (each for each in payload if isinstance(each, Message))
        elif kind in ("text/rfc822-headers", "message/rfc822-headers"):
            if isinstance(payload, list):
                yield from (each for each in payload if isinstance(each, Message))
            else:
                decoded = part.get_payload(decode=True)
                text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
                yield HeaderParser().parsestr(text)


def _without_addresses(words: str) -> str:
    """Servers repeat the address; it is kept once, where it can be forgotten."""
    return _ADDRESS.sub("(address)", words)[:300]
