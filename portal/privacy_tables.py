"""The tables of docs/privacy.md, written from the schedule and the declarations they describe."""

from collections.abc import Iterable
from typing import Final

from accounts.classifying import EXPORTED, Fate, Kind, Table, tables
from accounts.retention import schedule

BEGIN: Final = "<!-- {} begins: written by manage.py privacy_tables -->"
END: Final = "<!-- {} ends -->"


def schedule_table() -> str:
    """How long what stays."""
    rows = [
        (rule.code, rule.what, rule.keeps, rule.why, rule.then, rule.job or "nightly job")
        for rule in schedule()
    ]
    rows = [(*row[:5], "nobody" if row[0] in {"trail", "staff"} else row[5]) for row in rows]
    return _markdown(("rule", "what", "how long", "why", "then", "done by"), rows)


def holdings_table() -> str:
    """Which table holds what about people, what an export shows and an erasure does."""
    rows = [
        (
            f"`{table.label}`",
            _kinds(table),
            "yes" if table.of and table.exported else "no",
            str(table.fate),
            table.rule,
        )
        for table in sorted(tables(), key=lambda each: each.label.lower())
    ]
    return _markdown(("table", "holds", "in the export", "when erased", "rule"), rows)


def with_tables(page: str) -> str:
    """The page with both tables as they are now."""
    for name, words in (("schedule", schedule_table()), ("holdings", holdings_table())):
        begin, end = BEGIN.format(name), END.format(name)
        before, _mark, rest = page.partition(begin)
        _old, _mark, after = rest.partition(end)
        page = f"{before}{begin}\n\n{words}\n\n{end}{after}"
    return page


def _kinds(table: Table) -> str:
    """The classes of its fields, those about a person with the fields' names."""
    said = []
    for kind in Kind:
        names = [name for name, each in table.kinds.items() if each is kind]
        if names and kind in EXPORTED - {Kind.ACTIVITY, Kind.MONEY}:
            said.append(f"{kind}: {', '.join(names)}")
        elif names and kind is not Kind.NONE and kind is not Kind.TECHNICAL:
            said.append(str(kind))
    return "; ".join(said) or ("technical" if table.fate is not Fate.NOBODYS else "nothing")


def _markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
