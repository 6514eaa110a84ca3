"""Keeps to the retention schedule now, or says what it would do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.retention import Finding, keep_to_schedule, report


class Command(BaseCommand):
    help = "Delete what the retention schedule says is due; with --dry-run only count it"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and touch nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["dry_run"]:
            for finding in report(at=at):
                self._say(finding)
            return
        for finding in keep_to_schedule(at=at):
            self._say(finding)

    def _say(self, finding: Finding) -> None:
        rule = finding.rule
        due = "?" if finding.due is None else str(finding.due)
        done = "" if finding.done is None else f", {finding.done} dealt with"
        by = f" (by {rule.job})" if rule.job else ""
        self.stdout.write(f"{rule.code:<14} {due:>7} due{done}{by}: {rule.what}; {rule.keeps}")
