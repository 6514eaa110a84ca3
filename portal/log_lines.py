"""How the log is written: an entry begins at the left edge, and nothing sent in can begin one."""

import logging
from datetime import UTC, datetime


class OneEntry(logging.Formatter):
    """The moment in UTC, level, name and message on one line; a traceback follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = f"{at} {record.levelname} {record.name} {_plain(record.getMessage())}"
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return entry + "".join(f"\n\t{_plain(line)}" for line in trace.splitlines())


def _plain(text: str) -> str:
    """Line ends, escapes of terminals and marks that turn the direction, shown by their codes."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
