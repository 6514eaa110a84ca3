"""Work that leaves the request: enqueued on commit, done by the worker."""

from django.utils import timezone
from django_tasks import task

from payments import inbox


@task()
def handle_event(event_id: str) -> None:
    """Handle one event now; if this task is lost, the inbox's own retry finds the event."""
    inbox.handle(event_id, at=timezone.now())
