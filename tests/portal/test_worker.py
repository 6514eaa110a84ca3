"""Periodic jobs run once a slot, and a worker stops when it is told to."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from portal import periodic
from portal.models import PeriodicRun
from portal.periodic import JOBS, Job, reap_stuck_tasks, run_due
from tests.migrated import sqlite_copy

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
calls: list[datetime] = []


def note(*, at):
    calls.append(at)


def fail(*, at):
    raise ConnectionError("Stripe is down")


@pytest.fixture(autouse=True)
def _no_calls_yet():
    calls.clear()


def _job(name="note", every=60):
    return Job(name, every, f"{__name__}.{name}")


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_can_be_found(job):
    assert callable(job.act)


def test_no_two_jobs_share_a_name():
    assert len({job.name for job in JOBS}) == len(JOBS)


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-01", "2026-12-01"])
def test_credits_expire_at_ten_past_midnight_of_the_practice(settings, zone, day):
    """P16, on ordinary days and on those the clocks change, whatever the zone's offset."""
    settings.TIME_ZONE = zone
    job = next(job for job in JOBS if job.name == "expire_credits")
    due = datetime.fromisoformat(f"{day}T00:10").replace(tzinfo=ZoneInfo(zone))

    assert job.slot(due - timedelta(seconds=1)) < job.slot(due)
    assert job.slot(due) == job.slot(due + timedelta(minutes=59))


@pytest.mark.django_db
def test_a_job_runs_once_in_its_slot():
    jobs = [_job()]
    assert run_due(at=AT, jobs=jobs) == ["note"]
    assert run_due(at=AT + timedelta(seconds=59), jobs=jobs) == []
    assert run_due(at=AT + timedelta(seconds=60), jobs=jobs) == ["note"]
    assert calls == [AT, AT + timedelta(seconds=60)]


@pytest.mark.django_db
def test_of_two_workers_in_the_same_moment_one_runs_it(monkeypatch):
    """The second worker takes the slot between the first one's look and its attempt."""
    job = _job()
    original = periodic._take

    def second_worker_is_faster(job, *, at):
        assert original(job, at=at)
        return original(job, at=at)

    monkeypatch.setattr(periodic, "_take", second_worker_is_faster)

    assert run_due(at=AT, jobs=[job]) == []


@pytest.mark.django_db
def test_a_failing_job_is_remembered_and_stops_no_other(caplog):
    assert run_due(at=AT, jobs=[_job("fail"), _job()]) == ["fail", "note"]

    run = PeriodicRun.objects.get(name="fail")
    assert (run.failures, run.error) == (1, "ConnectionError: Stripe is down")
    assert "Periodic job fail failed: ConnectionError: Stripe is down" in caplog.text
    assert calls == [AT]


@pytest.mark.django_db
def test_a_long_outage_is_told_in_full_once(caplog):
    for minute in range(3):
        run_due(at=AT + timedelta(minutes=minute), jobs=[_job("fail")])

    assert caplog.text.count("Periodic job fail failed") == 3
    assert caplog.text.count("Traceback") == 1
    assert PeriodicRun.objects.get(name="fail").failures == 3


@pytest.mark.django_db
def test_a_good_run_clears_the_error(monkeypatch):
    run_due(at=AT, jobs=[_job("fail")])
    monkeypatch.setattr(f"{__name__}.fail", note)

    run_due(at=AT + timedelta(minutes=1), jobs=[_job("fail")])

    run = PeriodicRun.objects.get(name="fail")
    assert (run.failures, run.error) == (0, "")


@pytest.mark.django_db
def test_a_job_that_cannot_be_imported_stops_no_other():
    missing = Job("missing", 60, "payments.nothing_here.act")
    assert run_due(at=AT, jobs=[missing, _job()]) == ["missing", "note"]
    assert "ModuleNotFoundError" in PeriodicRun.objects.get(name="missing").error


@pytest.mark.django_db
def test_a_task_left_behind_by_a_killed_worker_goes_back_to_the_queue():
    common = {
        "args_kwargs": {"args": [], "kwargs": {}},
        "task_path": "accounts.outbox.send_message",
        "backend_name": "default",
        "status": TaskResultStatus.RUNNING,
        "run_after": AT,
    }
    stuck = DBTaskResult.objects.create(started_at=AT - timedelta(hours=1), **common)
    busy = DBTaskResult.objects.create(started_at=AT - timedelta(minutes=1), **common)

    assert reap_stuck_tasks(at=AT) == 1

    stuck.refresh_from_db()
    busy.refresh_from_db()
    assert stuck.status == TaskResultStatus.READY
    assert busy.status == TaskResultStatus.RUNNING


@pytest.fixture(scope="module")
def worker_environment(tmp_path_factory):
    """A migrated database of its own for worker processes."""
    tmp_path = tmp_path_factory.mktemp("worker")
    return {
        **os.environ,
        "DEBUG": "1",
        "DATABASE_URL": sqlite_copy(tmp_path / "worker.sqlite3"),
        "VAR_DIR": str(tmp_path),
        "EMAIL_URL": f"filemail:///{tmp_path / 'mail'}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        # Nobody listens: jobs that look at Stripe fail, and the worker must not care.
        "STRIPE_API_BASE": "http://127.0.0.1:9",
    }


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_its_job_and_stops_when_told(worker_environment, tmp_path, sign):
    log = tmp_path / "worker.log"
    with log.open("w") as out:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=worker_environment,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + 60
        while "Worker started" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        worker.send_signal(sign)
        assert worker.wait(timeout=60) == 0
    finally:
        worker.kill()
    assert "Worker stopped" in log.read_text()
