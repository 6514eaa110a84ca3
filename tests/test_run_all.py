"""The whole run: its parts leave nothing out, and one that fails fails it."""

import signal
import sys

import pytest

from tests import run_all


@pytest.fixture(autouse=True)
def _own_signals():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def parts(monkeypatch, **words):
    commands = {name: [sys.executable, "-c", program] for name, program in words.items()}
    monkeypatch.setattr(run_all, "PARTS", commands)
    monkeypatch.setattr(run_all, "_database", lambda name, folder: {})


def test_when_all_parts_go_well_so_does_the_run(monkeypatch, capfd):
    parts(monkeypatch, one="print('fine')", other="print('fine as well')")

    assert run_all.main() == 0
    assert "fine as well" in capfd.readouterr().out


def test_one_part_that_fails_fails_the_run_and_the_others_are_still_told(monkeypatch, capfd):
    parts(monkeypatch, bad="raise SystemExit('broken')", good="print('fine')")

    assert run_all.main() == 1
    said = capfd.readouterr().out
    assert "broken" in said
    assert "fine" in said


def test_what_one_part_on_sqlite_leaves_out_the_other_runs():
    rules, rest, _postgres = run_all.PARTS.values()
    left_out = {word.removeprefix("--ignore=") for word in rest if word.startswith("--ignore=")}

    assert left_out == {word for word in rules if word.startswith("tests/")}
    assert "tests" in rest
