"""Answers of the apps below are asked again as soon as they could be others."""

from types import SimpleNamespace

import pytest

from cms import remembering
from cms.page_cache import ContentVersion
from cms.rich_text import with_rules
from payments import offers as payment_offers


@pytest.fixture
def outside(monkeypatch, tmp_path):
    """Outside any transaction, with a version of its own."""
    version = ContentVersion(tmp_path / "content-version")
    monkeypatch.setattr(remembering, "content_version", lambda: version)
    monkeypatch.setattr(remembering, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(remembering, "_answers", {})
    return version


def asking(*answers):
    left = list(answers)
    return lambda: left.pop(0)


def test_it_is_asked_once_while_nothing_changes(outside):
    read = asking("£58", "£60")

    assert remembering.remembered("price", read) == "£58"
    assert remembering.remembered("price", read) == "£58"


def test_a_change_asks_again(outside):
    read = asking("£58", "£60")
    remembering.remembered("price", read)

    outside.end()

    assert remembering.remembered("price", read) == "£60"


def test_a_change_while_it_is_asked_asks_again(outside):
    def read_slowly():
        outside.end()
        return "£58"

    remembering.remembered("price", read_slowly)

    assert remembering.remembered("price", asking("£60")) == "£60"


def test_seconds_later_it_asks_again(outside, monkeypatch):
    remembering.remembered("price", asking("£58"))
    monkeypatch.setattr(remembering, "SECONDS", -1)
    remembering.remembered("other", asking("x"))

    assert remembering.remembered("other", asking("y")) == "y"
    assert remembering.remembered("price", asking("£60")) == "£58"


def test_what_a_transaction_reads_is_not_remembered(outside, monkeypatch):
    monkeypatch.setattr(remembering, "connection", SimpleNamespace(in_atomic_block=True))
    assert remembering.remembered("price", asking("£1")) == "£1"
    monkeypatch.setattr(remembering, "connection", SimpleNamespace(in_atomic_block=False))

    assert remembering.remembered("price", asking("£58")) == "£58"


def test_rules_are_asked_once_for_all_the_words_that_hold_their_values(outside, monkeypatch):
    asked = []
    monkeypatch.setattr(
        payment_offers, "rules_in_effect", lambda code, on: asked.append((code, on))
    )
    for _ in range(3):
        with_rules("Until {{ cancel_window }} before.")

    assert len(asked) == 1


def test_it_does_not_grow_without_end(outside, monkeypatch):
    monkeypatch.setattr(remembering, "MOST", 3)
    for number in range(10):
        remembering.remembered(f"question {number}", asking(number))

    assert len(remembering._answers) <= 3
