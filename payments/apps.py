"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_migrate


class PaymentsConfig(AppConfig):
    """The catalogue, orders, credits and books. Knows people; knows nothing of pages or days."""

    name = "payments"

    def ready(self) -> None:
        from accounts import outbox
        from payments import (
            agreeing,
            claimed,
            document_letters,
            editing,
            gifting,
            guards,
            merge_checks,
            noticing,
            stripe_rules,  # noqa: F401 - registers its checks
        )
        from payments.documents import refund_came_back, refund_was_settled
        from payments.models import Policy
        from payments.refunding import letters as refund_letters
        from payments.signals import refund_failed, refund_settled

        post_save.connect(
            agreeing.tell_rules_saved, sender=Policy, dispatch_uid="payments.rules_saved"
        )
        merge_checks.register()
        editing.watch()
        noticing.register()
        claimed.listen()
        outbox.writer(gifting.MAIL)(gifting.letter)
        pre_migrate.connect(guards.lift, sender=self, dispatch_uid="payments.guards.lift")
        post_migrate.connect(guards.put_back, sender=self, dispatch_uid="payments.guards")
        refund_letters.register()
        refund_settled.connect(refund_was_settled, dispatch_uid="payments.credit_note")
        refund_failed.connect(refund_came_back, dispatch_uid="payments.credit_note_taken_back")
        document_letters.register()
