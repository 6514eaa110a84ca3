"""``manage.py check_invariants``: prove that what must always hold does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.invariants import RULES
from portal.invariants.asking import Verdict, ask_all


class Command(BaseCommand):
    help = "Proves I01 to I25 from the database alone; exit 1 and the rows where one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        codes = [rule.code for rule in RULES]
        parser.add_argument("codes", nargs="*", metavar="CODE", help="only these, such as I06")
        parser.epilog = f"Rules: {', '.join(codes)}."

    def handle(self, *args: Any, codes: list[str], **options: Any) -> None:
        known = {rule.code: rule for rule in RULES}
        if unknown := [code for code in codes if code not in known]:
            raise CommandError(f"There is no rule {', '.join(unknown)}.")
        wanted = [known[code] for code in codes] or RULES
        verdicts = ask_all(at=timezone.now(), rules=wanted)
        for verdict in verdicts:
            self._show(verdict)
        broken = [verdict.rule.code for verdict in verdicts if not verdict.holds]
        took = sum(verdict.took_ms for verdict in verdicts)
        if broken:
            raise CommandError(f"Broken: {', '.join(broken)}. ({took} ms)")
        self.stdout.write(f"All {len(verdicts)} hold. ({took} ms)")

    def _show(self, verdict: Verdict) -> None:
        state = "holds" if verdict.holds else f"{len(verdict.breaches)} rows"
        self.stdout.write(
            f"{verdict.rule.code}  {state:<10} {verdict.took_ms:>6} ms  {verdict.rule.title}"
        )
        for breach in verdict.breaches:
            by = f" ({breach.difference})" if breach.difference else ""
            self.stdout.write(f"       {breach.about}: {breach.what}{by}")
