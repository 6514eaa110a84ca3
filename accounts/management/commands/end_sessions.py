"""``manage.py end_sessions``: sign somebody out everywhere, or everybody."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.addresses import as_stored
from accounts.ending_sessions import end_all_sessions, end_sessions_of
from accounts.models import User


class Command(BaseCommand):
    help = "Ends every session of one person, or of all; they sign in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--person", metavar="ADDRESS", help="the address they sign in with")
        whose.add_argument("--everybody", action="store_true")

    def handle(self, *args: Any, person: str | None, **options: Any) -> None:
        at = timezone.now()
        if person is None:
            ended = end_all_sessions(by=None, at=at)
        else:
            found = User.objects.filter(email=as_stored(person)).first()
            if found is None:
                raise CommandError("Nobody signs in with this address.")
            ended = end_sessions_of(found, by=None, at=at)
        self.stdout.write(f"Sessions ended: {ended}.")
