"""docs/security.md names files that are there, and its numbers add up."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/security.md").read_text()
CHAPTER = re.compile(r"^### V(\d+) .*: (\d+) \((\d+) / (\d+) / (\d+) / (\d+) / (\d+)\)$", re.M)


def test_every_file_it_names_is_there():
    named = set(re.findall(r"`((?:tests|docs|cms|portal|accounts)/[\w/.-]+)`", PAGE))

    assert len(named) > 40
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_chapter_is_there_and_adds_up_to_the_standard():
    chapters = [[int(number) for number in found] for found in CHAPTER.findall(PAGE)]

    assert [chapter[0] for chapter in chapters] == list(range(1, 18))
    assert [chapter[1] for chapter in chapters] == [sum(chapter[2:]) for chapter in chapters]
    sums = [sum(column) for column in zip(*chapters, strict=True)][1:]
    assert sums == [253, 49, 51, 77, 22, 54]
    assert f"| 17 | {' | '.join(str(one) for one in sums)} |" in PAGE


def test_what_is_not_met_is_said():
    assert PAGE.count("**Not met") + PAGE.count("**Known") + PAGE.count("**Of each") >= 3
