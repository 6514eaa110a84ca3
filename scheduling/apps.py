"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SchedulingConfig(AppConfig):
    name = "scheduling"

    def ready(self) -> None:
        from payments.disputing.evidence import contributes
        from payments.signals import checkout_ended, order_paid
        from scheduling import (
            credit_checks,
            editing,
            evidencing,
            guards,
            intake_reminding,
            letters,
            merge_checks,
            proving,
            remembering,
        )
        from scheduling.booking import paid_order_arrived, unpaid_checkout_ended
        from scheduling.waitlisting import letters as waitlist_letters

        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="scheduling.guards")
        order_paid.connect(paid_order_arrived, dispatch_uid="scheduling.paid_order")
        checkout_ended.connect(unpaid_checkout_ended, dispatch_uid="scheduling.unpaid_checkout")
        contributes(evidencing.sessions)
        credit_checks.register()
        intake_reminding.register()
        editing.watch()
        letters.register()
        merge_checks.register()
        proving.register()
        remembering.watch()
        waitlist_letters.register()
