"""What each person took at the desk, and what was counted (report 9)."""

from collections.abc import Iterable
from datetime import date

from payments.cashing_up import tills
from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, day, text

FROM_THE_FIRST = date(2000, 1, 1)


def _tills(asked: Asked) -> Iterable[Row]:
    start = max(asked.start or FROM_THE_FIRST, FROM_THE_FIRST)
    for till in tills(start=start, end=asked.end):
        count = till.counted
        yield (
            *(till.on, str(till.person), till.currency),
            *(till.cash_minor, till.cash_back_minor, till.expected_minor),
            *((count.counted_minor, count.difference_minor) if count else (None, None)),
            *(till.terminal_minor, till.transfer_minor),
            *((str(count.made_by), count.note) if count else ("", "")),
        )


CASH_UP = Export(
    "cash_up",
    "Cash-up by day and person",
    (
        day("on"),
        text("person"),
        CURRENCY,
        amount("cash"),
        amount("cash_back"),
        amount("expected"),
        amount("counted"),
        amount("difference"),
        amount("terminal"),
        amount("transfer"),
        text("counted_by"),
        text("note"),
    ),
    _tills,
)
