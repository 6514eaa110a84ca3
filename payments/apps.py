"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PaymentsConfig(AppConfig):
    """The catalogue, orders, credits and books. Knows people; knows nothing of pages or days."""

    name = "payments"

    def ready(self) -> None:
        from accounts import outbox
        from payments import (
            gifting,
            guards,
            noticing,
            stripe_rules,  # noqa: F401 - registers its checks
        )
        from payments.refunding import letters as refund_letters

        noticing.register()
        outbox.writer(gifting.MAIL)(gifting.letter)
        pre_migrate.connect(guards.lift, sender=self, dispatch_uid="payments.guards.lift")
        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="payments.guards")
        refund_letters.register()
