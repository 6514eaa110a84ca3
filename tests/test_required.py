"""The continuous run fails where a machine without Chromium or PostgreSQL merely skips."""

from pathlib import Path

import pytest

from tests.required import NAMED_IN_REASON, missing

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[1]

SKIPPING = """
import pytest
@pytest.mark.skip(reason="Chromium is not installed")
def test_browser(): pass
@pytest.mark.skip(reason="only SQLite rebuilds tables")
def test_other(): pass
"""


@pytest.fixture(autouse=True)
def _nothing_required_yet(monkeypatch):
    """The continuous run itself sets all of them."""
    for variable in NAMED_IN_REASON:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("reason", "variable"),
    [
        ("Chromium is not installed: apt-get install chromium", "REQUIRE_BROWSER"),
        ("PostgreSQL did not start: timeout", "REQUIRE_POSTGRES"),
        ("Node.js 18 is not installed: apt-get install nodejs npm", "REQUIRE_NODE"),
        ("no conformance kit at ../shared/stripe beside the repository", "REQUIRE_STRIPE_SPEC"),
    ],
)
def test_each_missing_thing_is_recognised_by_its_reason(monkeypatch, reason, variable):
    assert missing(reason) is None
    monkeypatch.setenv(variable, "1")
    assert missing(reason) == variable
    assert missing("only SQLite rebuilds tables") is None


def test_a_forbidden_skip_fails_and_another_stays_a_skip(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest("from tests.required import pytest_runtest_makereport")
    pytester.makepyfile(SKIPPING)
    arguments = ["-p", "no:django", "-p", "no:playwright"]
    pytester.runpytest_subprocess(*arguments).assert_outcomes(skipped=2)

    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    pytester.runpytest_subprocess(*arguments).assert_outcomes(skipped=1, errors=1)
