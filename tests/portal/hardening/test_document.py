"""docs/asvs.md has a row for each requirement, and docs/security.md says what they come to."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
SECURITY = (ROOT / "docs/security.md").read_text()
ASVS = (ROOT / "docs/asvs.md").read_text()
# Of levels 1 and 2, by chapter, in version 5.0.0 of the standard.
REQUIREMENTS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
OWNERS = ("default", "config", "app", "paper", "none")
FILE = re.compile(r"`((?:tests|docs|cms|portal|accounts)/[\w/.-]+|SECURITY\.md)`")


class Row(NamedTuple):
    number: str
    level: str
    asked: str
    owner: str
    how: str
    check: str

    @property
    def chapter(self) -> int:
        return int(self.number.split(".")[0])

    @property
    def is_open(self) -> bool:
        return self.how.startswith("**open**: ")


ROWS = [
    Row(*line.strip("| ").split(" | "))
    for line in ASVS.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]


def test_each_requirement_has_its_row_in_order():
    places = [tuple(int(part) for part in row.number.split(".")) for row in ROWS]

    assert places == sorted(set(places))
    assert [sum(row.chapter == one for row in ROWS) for one in range(1, 18)] == [*REQUIREMENTS]
    assert {row.level for row in ROWS} == {"1", "2"}


def test_each_row_has_an_owner_and_a_check():
    assert [row.number for row in ROWS if row.owner not in OWNERS] == []
    for row in ROWS:
        applies = not row.check.startswith("none applies because ")
        assert applies == (row.owner != "none"), row.number
        assert row.asked, row.number
        assert row.how, row.number
        assert not applies or FILE.search(row.check), row.number
        assert row.is_open or "open**" not in row.how, row.number


def test_every_file_they_name_is_there():
    named = {*FILE.findall(ASVS), *FILE.findall(SECURITY)}

    assert len(named) > 80
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_sums_are_those_of_the_rows():
    lines = re.findall(r"^\| (V\d+|in sum)[^|]* \| ([\d |]+) \|$", SECURITY, re.MULTILINE)
    said = {name: [int(number) for number in cells.split(" | ")] for name, cells in lines}

    def sums(rows: list[Row]) -> list[int]:
        by_owner = [sum(row.owner == owner for row in rows) for owner in OWNERS]
        return [len(rows), *by_owner, sum(row.is_open for row in rows)]

    counted = {f"V{n}": sums([row for row in ROWS if row.chapter == n]) for n in range(1, 18)}
    assert said == {**counted, "in sum": sums(ROWS)}


def test_what_is_open_is_named_with_what_is_lacking():
    listed = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+) \| (.+) \|$", SECURITY, re.MULTILINE)

    assert listed == [
        (row.number, row.asked, row.how.removeprefix("**open**: ")) for row in ROWS if row.is_open
    ]
    assert f"Open are {len(listed)}." in SECURITY
