"""What the retention job did, in figures."""

from django.db import models


class RetentionRun(models.Model):
    """One night: how many rows each rule dealt with."""

    at = models.DateTimeField(unique=True)
    counts = models.JSONField(default=dict, help_text="Code of the rule: how many.")

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"Retention of {self.at:%Y-%m-%d}"
