"""``manage.py rotate_keys``: seal words about health and secrets again, with the first key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.encrypting import current_key_id, keys
from accounts.rotating import keys_in_use, rotate


class Command(BaseCommand):
    help = "Seal what older keys sealed with the first of HEALTH_KEYS. Safe while people work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what each key sealed.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._say_what_is_in_use()
            return
        done = rotate(progress=self._tell)
        self.stdout.write(f"Sealed again: {done.sealed}.")
        self._say_what_is_in_use()
        if done.unreadable:
            raise CommandError(f"Not opened, and left as they are: {done.unreadable}.")

    def _tell(self, what: str, sealed: int) -> None:
        self.stdout.write(f"  {what}: {sealed} so far")

    def _say_what_is_in_use(self) -> None:
        used = keys_in_use()
        if in_the_clear := used.pop("", 0):
            self.stdout.write(f"In the clear: {in_the_clear}")
        for key_id in sorted({*used, *keys()}):
            state = "sealed by it" if key_id in keys() else "sealed by it, AND IT IS MISSING"
            first = " (the current one)" if key_id == current_key_id() else ""
            self.stdout.write(f"{key_id}{first}: {used[key_id]} {state}")
        spare = sorted(set(keys()) - set(used) - {current_key_id()})
        if spare:
            self.stdout.write(f"May be taken out of HEALTH_KEYS: {', '.join(spare)}")
