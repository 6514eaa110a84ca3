"""What the portal's own workings hold about people. See accounts/classifying.py."""

from django.db.models import Q

from accounts.classifying import Fate, holds, naming, nothing_personal, says
from accounts.models import User
from accounts.personal import addresses_of
from portal.api.models import IdempotentAnswer


def answers_naming(person: User) -> Q:
    """Kept answers of the API know no account; they are few, a day's, and looked through."""
    named = naming({*addresses_of(person), str(person.public_id)})
    return Q(
        pk__in=[
            answer.pk
            for answer in IdempotentAnswer.objects.iterator()
            if named(bytes(answer.body).decode(errors="replace"))
        ]
    )


def tasks_naming(person: User) -> Q:
    """Tasks are given numbers of rows; an address can stand where a mail server refused one."""
    addresses = addresses_of(person)
    label = "django_tasks_database.DBTaskResult"
    return says(label, "traceback", addresses) | says(label, "args_kwargs", addresses)


nothing_personal("When each periodic job last ran.", "portal.PeriodicRun")
nothing_personal(
    "What the nightly checks found: figures and numbers of rows.", "portal.InvariantRun"
)

holds(
    "portal_api.IdempotentAnswer",
    of=answers_naming,
    fate=Fate.DELETE,
    rule="api_answers",
    technical="caller key fingerprint status content_type body created_at",
)
holds(
    "django_tasks_database.DBTaskResult",
    of=tasks_naming,
    fate=Fate.DELETE,
    rule="tasks",
    technical="id status enqueued_at started_at finished_at args_kwargs priority task_path"
    " worker_ids queue_name backend_name run_after return_value exception_class_path traceback",
)
