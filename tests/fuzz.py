"""``python -m tests.fuzz 20000 [SEED]``: so many hostile requests, half of them by a fixed seed."""

import os
import sys

import pytest


def main() -> int:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    os.environ["FUZZ_REQUESTS"] = str(requests // 2)
    os.environ["FUZZ_SEED"] = sys.argv[2] if len(sys.argv) > 2 else ""
    quiet = ["-q", "-p", "no:logging", "--reuse-db"]
    return int(pytest.main([*quiet, "tests/portal/hardening/test_fuzzing.py"]))


if __name__ == "__main__":
    raise SystemExit(main())
