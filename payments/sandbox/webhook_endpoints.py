"""Where events are sent, and which of them."""

from payments.sandbox import API_VERSION, params
from payments.sandbox.errors import BadOrder, invalid, missing_parameter, no_such
from payments.sandbox.ids import new_id
from payments.sandbox.params import choice, flag, list_of, text
from payments.sandbox.shapes import Json
from payments.sandbox.versions import KNOWN
from payments.sandbox.world import World

OWN = "_from_settings"  # the endpoint that the command's options made


def event_name(value: object, where: str) -> str:
    if not isinstance(value, str) or not (value == "*" or "." in value) or " " in value:
        raise invalid(f"Invalid enabled_events: {value}", param=where)
    return value


CREATE: dict[str, params.Reader] = {
    "url": params.url,
    "enabled_events": list_of(event_name, 300),
    "api_version": choice(*KNOWN),
    "description": text(),
    "metadata": params.metadata,
    **params.EXPAND,
}
UPDATE: dict[str, params.Reader] = {
    "url": params.url,
    "enabled_events": list_of(event_name, 300),
    "description": text(),
    "metadata": params.metadata,
    "disabled": flag,
    **params.EXPAND,
}


def create_endpoint(world: World, given: Json, *, at: int) -> Json:
    """The only answer that contains the secret is the one to this request."""
    if not given["enabled_events"]:
        raise missing_parameter("enabled_events")
    secret = new_id("whsec_", 32)
    endpoint = world.store.insert(
        {
            "id": new_id("we_1"),
            "object": "webhook_endpoint",
            "api_version": given.get("api_version"),
            "application": None,
            "created": at,
            "description": given.get("description") or None,
            "enabled_events": given["enabled_events"],
            "livemode": False,
            "metadata": given.get("metadata") or {},
            "status": "enabled",
            "url": given["url"],
            "_secret": secret,
        }
    )
    return endpoint | {"secret": secret}


def update_endpoint(world: World, ident: str, given: Json) -> Json:
    endpoint = get_endpoint(world, ident)
    for name in ("url", "enabled_events"):
        if name in given:
            endpoint[name] = given[name]
    if "description" in given:
        endpoint["description"] = given["description"] or None
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    endpoint["metadata"] = params.merged_metadata(endpoint["metadata"], given.get("metadata"))
    return world.store.save(endpoint)


def delete_endpoint(world: World, ident: str) -> Json:
    get_endpoint(world, ident)
    world.store.delete(ident)
    return {"id": ident, "object": "webhook_endpoint", "deleted": True}


def get_endpoint(world: World, ident: str) -> Json:
    endpoint = world.store.get("webhook_endpoint", ident)
    if endpoint is None:
        raise no_such("webhook endpoint", ident)
    return endpoint


def secrets_of(endpoint: Json, *, at: int) -> list[str]:
    """What deliveries are signed with: an old secret still counts while a new one is rolled out."""
    old = endpoint.get("_old_secret")
    return [endpoint["_secret"], *([old] if old and at < endpoint["_old_until"] else [])]


def own_endpoint(world: World) -> Json | None:
    """The one endpoint of the sandbox's own settings."""
    own = [e for e in world.store.select("webhook_endpoint") if e.get(OWN)]
    return own[0] if own else None


def set_own_endpoint(
    world: World, url: str | None, secret: str, *, overlap: int = 0, at: int
) -> None:
    """Make the own endpoint be this, or be gone without a url.

    A new secret ends the old one after `overlap` seconds.
    """
    own = own_endpoint(world)
    if url is None:
        if own:
            world.store.delete(own["id"])
    elif own:
        if secret != own["_secret"]:
            own |= {"_old_secret": own["_secret"], "_old_until": at + overlap}
        world.store.save(own | {"url": url, "_secret": secret, "status": "enabled"})
    else:
        made = create_endpoint(world, {"url": url, "enabled_events": ["*"]}, at=at)
        kept = world.store.fetch("webhook_endpoint", made["id"])
        world.store.save(kept | {"_secret": secret, OWN: True, "api_version": API_VERSION})


def set_own_version(world: World, version: str) -> None:
    """The version in which the own endpoint gets its events.

    Raises:
        BadOrder: no such version, or no endpoint.
    """
    own = own_endpoint(world)
    if version not in KNOWN or own is None:
        raise BadOrder(f"webhook_api_version needs a webhook_url and is one of {', '.join(KNOWN)}.")
    world.store.save(own | {"api_version": version})
