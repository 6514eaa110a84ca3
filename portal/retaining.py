"""How long the portal's own workings keep what passed through. See accounts/retention.py."""

from accounts.retention import rule
from portal.api import idempotency
from portal.api.models import IdempotentAnswer

rule(
    "api_answers",
    what="Answers to apps, kept so that a repeated request has one effect",
    keeps="one day",
    why="networks fail between asking and hearing",
    then="deleted",
    due=lambda at: IdempotentAnswer.objects.filter(
        created_at__lt=at - idempotency.KEEP_FOR
    ).count(),
    job="forget_api_answers",
)
rule(
    "tasks",
    what="Work done in the background, by numbers of rows; what went wrong with it",
    keeps="seven days, 30 when it failed",
    why="to find out what went wrong",
    then="deleted",
    job="prune_task_results",
)
