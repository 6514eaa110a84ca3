"""Knowing that a demo is already set up, without asking Django."""

import hashlib
from pathlib import Path

from portal.demo.processes import ROOT

# Count up when the demo's content changes, so that a demo of before gets what is new.
EDITION = "1"


def fingerprint() -> str:
    """Changes with every migration of ours, every dependency and every edition of the demo."""
    digest = hashlib.sha256(EDITION.encode())
    for path in [*sorted(ROOT.glob("*/migrations/[0-9]*.py")), ROOT / "requirements.txt"]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def was_set_up(folder: Path) -> bool:
    """Whether a set-up ever came to its end here, of whichever edition."""
    return (folder / "demo.stamp").exists()


def is_set_up(folder: Path) -> bool:
    stamp = folder / "demo.stamp"
    return stamp.exists() and stamp.read_text() == fingerprint()


def mark_set_up(folder: Path) -> None:
    (folder / "demo.stamp").write_text(fingerprint())
