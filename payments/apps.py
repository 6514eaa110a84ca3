"""Application configuration."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """The catalogue, orders, credits and books. Knows people; knows nothing of pages or days."""

    name = "payments"

    def ready(self) -> None:
        from payments import stripe_rules  # noqa: F401 - registers its checks
