"""Stripe's published specification, and the checker that holds recorded traffic to it.

Both stand beside the repository; where they do not, the tests that need them say so.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parents[3] / "shared" / "stripe"
CHECKER = KIT / "stripe_conformance.py"
NO_KIT = "no conformance kit at ../shared/stripe beside the repository"
needs_kit = pytest.mark.skipif(not CHECKER.exists(), reason=NO_KIT)


WARNING = "radar.early_fraud_warning"
WARNINGS = "/v1/radar/early_fraud_warnings"


def overlay_for(recording: Path) -> Path:
    """The kit's overlay and, as the kit lacks them, early fraud warnings as the SDK types them."""
    texts = ("charge", "fraud_type", "id", "payment_intent")
    kinds = {"actionable": "boolean", "created": "integer", "livemode": "boolean"}
    fields = {name: {"type": kind} for name, kind in kinds.items()}
    schema = {
        "type": "object",
        "properties": {
            **fields,
            **{name: {"type": "string"} for name in texts},
            "object": {"type": "string", "enum": [WARNING]},
        },
        "required": [*kinds, "charge", "fraud_type", "id", "object"],
        "x-resourceId": WARNING,
    }
    one = {"$ref": f"#/components/schemas/{WARNING}"}
    kinds_of_page = {"has_more": "boolean", "object": "string", "url": "string"}
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": one},
            **{name: {"type": kind} for name, kind in kinds_of_page.items()},
        },
    }
    words = ("charge", "payment_intent", "starting_after", "ending_before")
    moments = {name: {"type": "integer"} for name in ("gt", "gte", "lt", "lte")}
    filters = {
        **{name: {"type": "string"} for name in words},
        "limit": {"type": "integer"},
        "created": {"type": "object", "properties": moments},
        "expand": {"type": "array", "items": {"type": "string"}},
    }
    added = [
        ("/components/schemas/" + WARNING, schema),
        *(
            (
                "/paths/" + path.replace("/", "~1"),
                {
                    "get": {
                        "parameters": [
                            {"name": name, "in": "query", "schema": kind}
                            for name, kind in filters.items()
                        ],
                        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
                    }
                },
            )
            for path, answer in ((WARNINGS, page), (WARNINGS + "/{warning}", one))
        ),
    ]
    kept = json.loads((KIT / "stripe-openapi-overlay-endive.json").read_text())
    kept += [{"op": "add", "path": path, "value": value} for path, value in added]
    file = recording.with_name("overlay.json")
    file.write_text(json.dumps(kept))
    return file


def check(recording: Path, *, secret: str, at_least: int) -> "subprocess.CompletedProcess[str]":
    """Run the checker over a recording; its findings are the standard output."""
    command = [sys.executable, "-B", CHECKER, "check", recording, "--coverage"]
    command += ["--spec", KIT / "stripe-openapi-trimmed.json"]
    command += ["--overlay", overlay_for(recording)]
    command += ["--webhook-secret", secret, "--min-exchanges", str(at_least)]
    return subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=300, check=False
    )


def coverage_of(run: "subprocess.CompletedProcess[str]") -> str:
    """The report without the operations that nobody has used, and the sum."""
    lines = [line.rstrip() for line in run.stdout.splitlines()]
    start = next((place for place, line in enumerate(lines) if "coverage:" in line), 0)
    return "\n".join(line for line in lines[start:] if not line.lstrip().startswith("0  "))
