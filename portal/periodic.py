"""The periodic jobs: what runs every so often, once however many workers there are.

A job is called with ``at`` only. It may run twice or be late, so each is safe to repeat.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Self

from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from payments.days import practice_zone
from portal.models import PeriodicRun

log = logging.getLogger(__name__)

STUCK_AFTER: Final = timedelta(minutes=30)  # far above the longest task
MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Job:
    """``path`` is imported when it first runs: a job that cannot load stops no other."""

    name: str
    every_seconds: int
    path: str
    minute: int | None = None  # of an hourly job: on the practice's clock, whatever its zone

    @cached_property
    def act(self) -> Callable[..., Any]:
        act: Callable[..., Any] = import_string(self.path)
        return act

    def slot(self, at: datetime) -> int:
        seconds = int(at.timestamp())
        if self.minute is not None:
            ahead = at.astimezone(practice_zone()).utcoffset() or timedelta()
            seconds += int(ahead.total_seconds()) - self.minute * MINUTE
        return seconds // self.every_seconds

    @classmethod
    def here(cls, name: str, every_seconds: int) -> Self:
        return cls(name, every_seconds, f"{__name__}.{name}")


JOBS: Final = (
    Job("send_mail", 15, "accounts.outbox.send_due"),
    Job("deliver_webhooks", 15, "cms.webhooks.delivering.deliver_due"),
    Job("seal_audit", MINUTE, "accounts.sealing.seal_waiting"),
    Job("release_holds", MINUTE, "scheduling.booking.release_expired_holds"),
    Job("serve_waitlist", MINUTE, "scheduling.waitlisting.offering.serve_waitlist"),
    Job("retry_stripe_events", MINUTE, "payments.inbox.retry_due"),
    Job("send_refunds", MINUTE, "payments.refunding.sending.send_due"),
    Job("poll_stripe_events", 5 * MINUTE, "payments.polling.poll_events"),
    Job("queue_reminders", 5 * MINUTE, "scheduling.reminding.queue_reminders"),
    Job.here("publish_scheduled", 5 * MINUTE),
    Job.here("reap_stuck_tasks", 5 * MINUTE),
    Job("sweep_balance_transactions", 10 * MINUTE, "payments.polling.sweep_balance_transactions"),
    Job("read_calendars", 10 * MINUTE, "scheduling.importing.refreshing.read_due"),
    Job("sync_payouts", 10 * MINUTE, "payments.polling.sync_payouts"),
    Job("complete_sessions", 15 * MINUTE, "scheduling.day.complete_due"),
    Job("queue_intake_reminders", HOUR, "scheduling.intake_reminding.queue_intake_reminders"),
    Job("keep_health", DAY, "scheduling.treating.keep_health"),
    Job("report_unpaid_sessions", HOUR, "scheduling.unpaid.report_unpaid"),
    Job("watch_refunds", HOUR, "payments.refunding.watching.watch_refunds"),
    Job("watch_disputes", HOUR, "payments.disputing.watching.watch_disputes"),
    Job("poll_open_orders", HOUR, "payments.polling.poll_open_orders"),
    Job("end_forgotten_orders", HOUR, "payments.selling.end_forgotten"),
    Job("expire_credits", HOUR, "payments.crediting.expire_due", minute=10),  # so also at 00:10
    Job("queue_credit_notices", HOUR, "payments.noticing.queue_notices", minute=20),
    Job("check_mismatches", HOUR, "payments.reconciling.check_mismatches"),
    Job("issue_missing_documents", HOUR, "payments.documents.issue_missing"),
    Job("erase_people", HOUR, "accounts.erasing.erase_due"),
    Job("keep_to_schedule", DAY, "accounts.retention.keep_to_schedule"),
    Job("forget_unproven_people", HOUR, "accounts.retaining.forget_unproven_people"),
    Job("forget_api_answers", HOUR, "portal.api.idempotency.forget_old_answers"),
    Job("forget_uploads", HOUR, "cms.uploading.forget_uploads"),
    Job("forget_old_webhooks", DAY, "cms.webhooks.delivering.forget_old"),
    Job("forget_enquiries", HOUR, "cms.forms.forgetting.forget_due"),
    Job("check_stripe_account", DAY, "payments.watching.check_account"),
    Job("check_stripe_endpoint", DAY, "payments.watching.check_endpoint"),
    Job("prove_invariants", DAY, "portal.invariants.proving.prove"),
    Job("forget_old_searches", DAY, "cms.searching.forget_old_counts"),
    Job.here("clear_sessions", DAY),
    Job.here("prune_task_results", DAY),
)


def run_due(*, at: datetime, jobs: Iterable[Job] = JOBS) -> list[str]:
    """Run each job whose slot has come and that no other worker took; returns their names."""
    seen = dict(PeriodicRun.objects.values_list("name", "last_slot"))
    due = [job for job in jobs if seen.get(job.name, -1) < job.slot(at)]
    return [job.name for job in due if _take(job, at=at) and _run(job, at=at)]


def _take(job: Job, *, at: datetime) -> bool:
    """One conditional UPDATE: of several workers one gets the slot."""
    slot = job.slot(at)
    PeriodicRun.objects.get_or_create(name=job.name)
    turn = PeriodicRun.objects.filter(name=job.name, last_slot__lt=slot)
    return bool(turn.update(last_slot=slot, started_at=at))


def _run(job: Job, *, at: datetime) -> bool:
    run = PeriodicRun.objects.filter(name=job.name)
    try:
        job.act(at=at)
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"[:2000]
        # An outage of hours is told in full once, then in a line each time.
        first = run.filter(failures=0).exists()
        log.error("Periodic job %s failed: %s", job.name, trouble, exc_info=first)
        run.update(finished_at=timezone.now(), error=trouble, failures=F("failures") + 1)
    else:
        run.update(finished_at=timezone.now(), error="", failures=0)
    return True


def publish_scheduled(*, at: datetime) -> None:
    call_command("publish_scheduled")


def clear_sessions(*, at: datetime) -> None:
    call_command("clearsessions")


def prune_task_results(*, at: datetime) -> None:
    call_command("prune_db_task_results", min_age_days=7, failed_min_age_days=30, verbosity=0)


def reap_stuck_tasks(*, at: datetime) -> int:
    """Give back what a killed worker left running; the queue itself would wait for ever."""
    stuck = DBTaskResult.objects.running().filter(started_at__lt=at - STUCK_AFTER)
    return int(stuck.update(status=TaskResultStatus.READY, started_at=None))
