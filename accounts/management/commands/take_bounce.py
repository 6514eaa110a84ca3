"""Takes mails that came back: one from standard input, or all new ones of a Maildir (N7)."""

import mailbox
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.bounce_reports import LONGEST
from accounts.bouncing import Taken, take_bounce


class Command(BaseCommand):
    help = "Note mails that came back: take_bounce < report, or take_bounce --maildir DIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--maildir", type=Path, help="Read its new mails, once.")

    def handle(self, *args: Any, maildir: Path | None = None, **options: Any) -> None:
        # What is no report is no failure: a mail server would send a report about that, too.
        taken = self._from(maildir) if maildir else Counter([_take(_standard_input())])
        for outcome, count in sorted(taken.items()):
            self.stdout.write(f"{count} {outcome}")

    def _from(self, folder: Path) -> Counter[Taken]:
        if not (folder / "new").is_dir():
            raise CommandError(f"{folder} is no Maildir: it has no folder “new”.")
        taken: Counter[Taken] = Counter()
        box = mailbox.Maildir(folder, create=False)
        for key, mail in box.items():
            if mail.get_subdir() != "new":
                continue
            taken[_take(box.get_bytes(key)[:LONGEST])] += 1
            mail.set_subdir("cur")
            mail.add_flag("S")
            box[key] = mail
        return taken


def _standard_input() -> bytes:
    return sys.stdin.buffer.read(LONGEST)


def _take(raw: bytes) -> Taken:
    return take_bounce(raw, at=timezone.now())
