"""Early fraud warnings: the card network believes a payment to be fraud before it is disputed."""

from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

KIND = "radar.early_fraud_warning"


def warn(world: World, charge: Json, *, at: int) -> Json:
    warning = world.store.insert(
        {
            "id": new_id("issfr_1"),
            "object": KIND,
            "actionable": True,
            "charge": charge["id"],
            "created": at,
            "fraud_type": "made_with_stolen_card",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        }
    )
    emit(world, f"{KIND}.created", warning, at=at)
    return warning


def stop_warning(world: World, charge: Json, *, at: int) -> None:
    """Nothing can be done any more about a payment that is given back or disputed."""
    for warning in world.store.select(KIND, [("charge", "=", charge["id"])]):
        if warning["actionable"]:
            world.store.save(warning | {"actionable": False})
            previous = {"actionable": True}
            emit(
                world,
                f"{KIND}.updated",
                warning | {"actionable": False},
                at=at,
                previous=previous,
            )
