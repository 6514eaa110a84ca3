"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        from scheduling import guards

        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="scheduling.guards")
