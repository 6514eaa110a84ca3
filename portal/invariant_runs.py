"""What was proved when: a row a run, so that staff see the last verdict and what broke."""

from typing import Any, ClassVar

from django.db import models


class InvariantRun(models.Model):
    """One proof of all rules: how long it took, what each said, and the head of the trail then."""

    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    holds = models.BooleanField()
    verdicts = models.JSONField(help_text="Per rule: its code, milliseconds, count and rows.")
    audit_position = models.PositiveBigIntegerField(default=0)
    audit_head = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at"], name="invariants_by_moment")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {'holds' if self.holds else 'broken'}"

    def verdict_of(self, code: str) -> dict[str, Any] | None:
        return next((one for one in self.verdicts if one["code"] == code), None)
