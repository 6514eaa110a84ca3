"""One API, one OpenAPI document: our routers beside Wagtail's on the same Ninja instance."""


def join_routers() -> None:
    """Add our routers to Wagtail's API. Called once, from the last app's ``ready``."""
