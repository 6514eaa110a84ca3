"""Stripe's published specification, and the checker that holds recorded traffic to it.

Both stand beside the repository; where they do not, the tests that need them say so.
"""

import subprocess
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parents[3] / "shared" / "stripe"
CHECKER = KIT / "stripe_conformance.py"
NO_KIT = "no conformance kit at ../shared/stripe beside the repository"
needs_kit = pytest.mark.skipif(not CHECKER.exists(), reason=NO_KIT)


def check(recording: Path, *, secret: str, at_least: int) -> "subprocess.CompletedProcess[str]":
    """Run the checker over a recording; its findings are the standard output."""
    command = [sys.executable, "-B", CHECKER, "check", recording, "--coverage"]
    command += ["--spec", KIT / "stripe-openapi-trimmed.json"]
    command += ["--overlay", KIT / "stripe-openapi-overlay-endive.json"]
    command += ["--webhook-secret", secret, "--min-exchanges", str(at_least)]
    return subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=300, check=False
    )


def coverage_of(run: "subprocess.CompletedProcess[str]") -> str:
    """The lines of a report that say how much was checked."""
    lines = [line for line in run.stdout.splitlines() if not line.lstrip().startswith("0  ")]
    return "\n".join(line for line in lines if "coverage" in line or "against" in line)
