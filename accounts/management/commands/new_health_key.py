"""``manage.py new_health_key``: a key for words about health, to put in front of HEALTH_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.encrypting import new_key


class Command(BaseCommand):
    help = "Print a new key for HEALTH_KEYS. It is kept nowhere: store it where secrets live."
    # The first key of all is made before there is one.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{timezone.now():%Y-%m}:{new_key()}")
