"""The worker: queued tasks in the main thread, periodic jobs in a second one.

Two threads, so that a slow look at Stripe never holds up a mail or a webhook. Any number of
workers may run; each task and each slot of a job is taken by one of them.
"""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from django.db import close_old_connections, connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from portal.periodic import run_due

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5  # between two looks at an empty queue
TICK_SECONDS = 1.0
PATIENCE_SECONDS = 2.0  # for a periodic job in its middle when we are told to stop


class TaskLoop(Worker):
    """django-tasks' own loop; stopping is ours, because there is a thread to stop too."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["*"],
            interval=IDLE_SECONDS,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )


class PortalWorker:
    def __init__(self) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)  # else: every idle look
        self.stopping = threading.Event()
        self.tasks = TaskLoop()

    def run(self) -> None:
        """Work until ``stop``. The database may go away and come back meanwhile."""
        periodic = threading.Thread(target=self._tick, name="periodic", daemon=True)
        periodic.start()
        log.info("Worker started")
        while not self.stopping.is_set():
            self._safely(self.tasks.run)
            self.stopping.wait(IDLE_SECONDS)
        periodic.join(PATIENCE_SECONDS)
        log.info("Worker stopped")

    def run_once(self) -> None:
        """One round of everything that is due, for a cron or a test."""
        run_due(at=timezone.now())
        self.tasks.run()

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Finish the task at hand, take no further one."""
        self.stopping.set()
        self.tasks.running = False

    def stop_on_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def _tick(self) -> None:
        while not self.stopping.is_set():
            self._safely(lambda: run_due(at=timezone.now()))
            self.stopping.wait(TICK_SECONDS)
        connections.close_all()

    def _safely(self, work: Callable[[], object]) -> None:
        close_old_connections()
        try:
            work()
        except Exception:
            log.exception("The worker stumbled and goes on")
            connections.close_all()
            self.stopping.wait(TICK_SECONDS)
