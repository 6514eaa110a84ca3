"""Files of a bank, read into lines: CSV, OFX and CAMT.053, each by its own module.

Nothing here writes. What cannot be read raises a `StatementError` with a sentence for people.
"""

from payments.bank_statements.camt_file import is_camt, read_camt
from payments.bank_statements.csv_file import Columns, ColumnsUnknown, read_csv
from payments.bank_statements.lines import StatementError, StatementLine, require_sound
from payments.bank_statements.ofx_file import is_ofx, read_ofx
from payments.models import BankImport

__all__ = [
    "MOST_BYTES",
    "Columns",
    "ColumnsUnknown",
    "StatementError",
    "StatementLine",
    "read_statement",
]
Format = BankImport.Format
MOST_BYTES = 5 * 1024 * 1024


def read_statement(
    content: bytes, *, currency: str, columns: Columns | None = None
) -> tuple[Format, list[StatementLine]]:
    """The format of a file and its lines, as the bank orders them.

    ``currency`` is that of lines that name none; ``columns`` says which is which in a CSV whose
    header we do not know.

    Raises:
        ColumnsUnknown: a person has to say what the columns are.
        StatementError: it cannot be read; says why.
    """
    if not content.strip():
        raise StatementError("This file is empty.")
    if len(content) > MOST_BYTES:
        raise StatementError("This file is too large. Export a shorter time, up to 5 MB.")
    if is_camt(content):
        return Format.CAMT, require_sound(read_camt(content))
    if is_ofx(content):
        return Format.OFX, require_sound(read_ofx(content, currency))
    return Format.CSV, require_sound(read_csv(content, currency, columns))
