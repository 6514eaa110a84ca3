"""The tables beside this file: who is let in where, and what could not be seen to let anybody in.

A row is ``method address = roles``; where something belongs to somebody, roles with what is their
own, then ``| others': `` and roles with what is a stranger's.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.portal.matrix.world import CONTROL, ROLES

FOLDER = Path(__file__).parent
PAGES, OPERATIONS = FOLDER / "pages.txt", FOLDER / "operations.txt"
WITHOUT_CONTROL = FOLDER / "without_control.txt"
OTHERS = " | others': "
EVERY = (*ROLES, CONTROL)
SHORT = {"everyone": list(ROLES), "signed-in": list(ROLES)[1:], "nobody": []}


@dataclass(frozen=True)
class Row:
    own: list[str]
    others: list[str] | None = None  # None: nothing there belongs to anybody

    def __str__(self) -> str:
        return _names(self.own) + ("" if self.others is None else OTHERS + _names(self.others))


def read(file: Path) -> dict[str, Row]:
    rows = (line.partition(" = ") for line in _lines(file))
    return {name: _row(said) for name, _, said in rows}


def write(file: Path, found: dict[str, Row]) -> None:
    head = [line for line in file.read_text().splitlines() if line.startswith("#")]
    rows = [f"{name} = {found[name]}" for name in sorted(found)]
    file.write_text("\n".join([*head, "", *rows]) + "\n")


def without_control() -> set[str]:
    """Rows, below the reason for each."""
    return set(_lines(WITHOUT_CONTROL))


def _lines(file: Path) -> list[str]:
    lines = file.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _row(said: str) -> Row:
    own, has_others, others = said.partition(OTHERS)
    return Row(_roles(own), _roles(others) if has_others else None)


def _roles(names: str) -> list[str]:
    return SHORT.get(names) or ([] if names == "nobody" else names.split())


def _names(roles: list[str]) -> str:
    return next((name for name, all_of in SHORT.items() if all_of == roles), " ".join(roles))
