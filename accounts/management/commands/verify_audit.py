"""``manage.py verify_audit``: walk the chain of the audit trail and say what does not fit."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.sealing import NO_HEAD, Head, faults, head_of_chain


class Command(BaseCommand):
    help = "Proves the audit trail by its hashes; prints the head, to be kept elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--known",
            metavar="PLACE:HASH",
            help="a head printed earlier: still in the chain, or its end was cut off",
        )

    def handle(self, *args: Any, known: str | None, **options: Any) -> None:
        found = 0
        for fault in faults(at=timezone.now(), known=_head(known)):
            found += 1
            self.stdout.write(f"{fault.about}: {fault.what}")
        head = head_of_chain()
        self.stdout.write(f"Head: {head.position}:{head.hash}")
        if found:
            raise CommandError(f"The audit trail does not hold: {found} faults.")
        self.stdout.write("The audit trail holds.")


def _head(known: str | None) -> Head:
    if not known:
        return NO_HEAD
    place, _, digest = known.partition(":")
    if not place.isdecimal() or not digest:
        raise CommandError("Give the head as it was printed: its place, a colon, its hash.")
    return Head(int(place), digest)
