"""``manage.py forget_factors``: for somebody who lost the second factor and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.addresses import as_stored
from accounts.losing_factors import forget_factors_of
from accounts.models import User


class Command(BaseCommand):
    help = "Takes off every second factor of a person. Make sure first that it is they who ask."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--person", metavar="ADDRESS", required=True)

    def handle(self, *args: Any, person: str, **options: Any) -> None:
        found = User.objects.filter(email=as_stored(person)).first()
        if found is None:
            raise CommandError("Nobody signs in with this address.")
        kinds = forget_factors_of(found, by=None, at=timezone.now())
        self.stdout.write(f"Taken off: {', '.join(kinds) or 'nothing'}.")
