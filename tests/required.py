"""Skips that the continuous run must not take for an answer.

``REQUIRE_BROWSER``, ``REQUIRE_POSTGRES``, ``REQUIRE_NODE`` and ``REQUIRE_STRIPE_SPEC`` turn the
skips whose reason names what is missing into failures.
"""

import os
from collections.abc import Generator

import pytest

NAMED_IN_REASON = {
    "REQUIRE_BROWSER": ("chromium", "browser"),
    "REQUIRE_POSTGRES": ("postgres",),
    "REQUIRE_NODE": ("node.js",),
    "REQUIRE_STRIPE_SPEC": ("conformance", "specification"),
}


def missing(reason: str) -> str | None:
    """The variable that forbids a skip for this reason, if one is set."""
    for variable, words in NAMED_IN_REASON.items():
        if os.environ.get(variable) and any(word in reason.lower() for word in words):
            return variable
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if variable := missing(reason):
            report.outcome = "failed"
            report.longrepr = f"{reason} ({variable} is set, so this must not be missing)"
    return report
