"""What the portal itself remembers: when each periodic job ran last. See docs/operations.md."""

from django.db import models


class PeriodicRun(models.Model):
    """The last run of one periodic job. Its slot makes one of several workers run it."""

    name = models.CharField(primary_key=True, max_length=60)
    last_slot = models.BigIntegerField(
        default=-1, help_text="Whole periods since 1970: a later slot is run once."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row; 0 after a good run.")
    error = models.TextField(blank=True, help_text="Of the last run; empty if it was good.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(failures=0) | ~models.Q(error=""), name="failures_have_an_error"
            ),
        ]

    def __str__(self) -> str:
        return self.name


# Modules of this app with models of their own; Django finds them by these lines.
from portal.invariant_runs import InvariantRun  # noqa: E402

__all__ = ["InvariantRun", "PeriodicRun"]
