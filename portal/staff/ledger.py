"""The journal as tables: the chart with its balances, one account's lines, one entry, a balance."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse

from payments.chart import Account, Role, accounts
from payments.days import practice_zone
from payments.models import JournalEntry, JournalLine, Period
from payments.money import DEFAULT_CURRENCY
from payments.period_end import account_movements, trial_balance
from portal.staff.orders import order_cell
from portal.staff.periods import Period as Stretch
from portal.staff.tables import Cell, Column, Table, amount, count, day, moment, words

BALANCE_COLUMNS = (
    Column("Code", whole=True),
    Column("Account"),
    Column("Currency"),
    Column("Debit", numeric=True),
    Column("Credit", numeric=True),
)


def account_url(code: str, query: str = "") -> str:
    return reverse("staff:account", args=[code]) + (f"?month={query}" if query else "")


def chart_table(*, before: datetime, query: str = "") -> Table:
    """Every account under the name the practice gave it, with what stands on it. Two queries."""
    return balance_table(trial_balance(before=before), caption="Accounts", query=query, every=True)


def balance_table(
    balances: Mapping[str, Mapping[str, int]],
    *,
    caption: str,
    query: str = "",
    every: bool = False,
) -> Table:
    """Balances by currency and account; `every` shows those without one too."""
    names = accounts()
    found = {
        (code, currency): total
        for currency, sums in balances.items()
        for code, total in sums.items()
    }
    if every:
        used = {code for code, _currency in found}
        found |= {(role.code, DEFAULT_CURRENCY): 0 for role in Role if role.code not in used}
    rows = [
        _balance_row(names[code], code, currency, found[code, currency], query)
        for code, currency in sorted(found, key=lambda key: (names[key[0]].code, key[1]))
    ]
    rows += [_sum_row(currency, sums) for currency, sums in balances.items()]
    return Table(caption, BALANCE_COLUMNS, rows, empty="Nothing has been posted yet.")


def _balance_row(
    account: Account, code: str, currency: str, minor: int, query: str
) -> tuple[Cell, ...]:
    nothing = Cell("", plain="")
    return (
        words(account.code),
        words(account.name, account_url(code, query)),
        words(currency),
        amount(minor, currency) if minor > 0 else nothing,
        amount(-minor, currency) if minor < 0 else nothing,
    )


def _sum_row(currency: str, sums: Mapping[str, int]) -> tuple[Cell, ...]:
    debit = sum(total for total in sums.values() if total > 0)
    credit = -sum(total for total in sums.values() if total < 0)
    return (
        words("Sum"),
        words(""),
        words(currency),
        amount(debit, currency),
        amount(credit, currency),
    )


def account_table(role: Role, period: Stretch) -> Table:
    """The lines of an account in a stretch of time, each with its entry and what it came from."""
    names = accounts()
    lines = account_movements(code=role.code, since=period.starts_at, until=period.ends_at)
    rows = [_account_row(line, role, names) for line in lines]
    columns = (
        Column("When", whole=True),
        Column("What"),
        Column("Against"),
        Column("Debit", numeric=True),
        Column("Credit", numeric=True),
        Column("Currency"),
        Column("Order", whole=True),
    )
    return Table(names[role.code].name, columns, rows, empty="Nothing in this period.")


def _account_row(line: JournalLine, role: Role, names: Mapping[str, Account]) -> tuple[Cell, ...]:
    is_debit = line.debit == role.code
    other = names[line.credit if is_debit else line.debit]
    nothing = Cell("", plain="")
    shown = amount(line.amount_minor, line.currency)
    entry = line.entry
    return (
        moment(entry.effective_at, practice_zone()),
        words(entry.description, reverse("staff:journal_entry", args=[entry.pk])),
        words(f"{other.code} {other.name}"),
        shown if is_debit else nothing,
        nothing if is_debit else shown,
        words(line.currency),
        order_cell(line.order) if line.order else words(""),
    )


def entry_table(entry: JournalEntry) -> Table:
    """The lines of one entry: from which account to which."""
    names = accounts()
    rows = [
        (
            words(f"{names[line.debit].code} {names[line.debit].name}", account_url(line.debit)),
            words(f"{names[line.credit].code} {names[line.credit].name}", account_url(line.credit)),
            amount(line.amount_minor, line.currency),
            order_cell(line.order) if line.order else words(""),
        )
        for line in entry.lines.select_related("order")
    ]
    columns = (
        Column("Debit"),
        Column("Credit"),
        Column("Amount", numeric=True),
        Column("Order", whole=True),
    )
    return Table("Lines", columns, rows)


def periods_table() -> Table:
    """Closed periods, the latest first."""
    periods = Period.objects.select_related("closed_by")
    rows = [
        (
            day(period.starts_on),
            Cell(
                day(period.ends_on).text,
                reverse("staff:period", args=[period.pk]),
                plain=period.ends_on.isoformat(),
            ),
            moment(period.closed_at, practice_zone()),
            words(period.closed_by),
            words(period.note),
            count(sum(len(sums) for sums in period.trial_balance.values())),
        )
        for period in periods
    ]
    columns = (
        Column("From", whole=True),
        Column("To", whole=True),
        Column("Closed", whole=True),
        Column("By"),
        Column("Note"),
        Column("Accounts", numeric=True),
    )
    return Table("Closed periods", columns, rows, empty="No period is closed yet.")
