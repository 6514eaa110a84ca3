"""What a token may be for. Scopes only narrow: the owner's own permissions hold as in the admin."""

from __future__ import annotations

from typing import Final

from django.db import models


class Scope(models.TextChoices):
    READ_DRAFTS = "content:read_drafts", "Read drafts and revisions"
    WRITE = "content:write", "Write drafts"
    PUBLISH = "content:publish", "Publish, schedule, take offline, move and delete"
    IMAGES = "images:write", "Upload and change images"
    DOCUMENTS = "documents:write", "Upload and change documents"
    REDIRECTS = "redirects:write", "Change redirects"
    SITES = "sites:write", "Change sites and languages"
    WEBHOOKS = "webhooks", "Manage webhooks"


_WRITING: Final = {
    "pages": Scope.WRITE,
    "snippets": Scope.WRITE,
    "images": Scope.IMAGES,
    "documents": Scope.DOCUMENTS,
    "redirects": Scope.REDIRECTS,
    "sites": Scope.SITES,
    "locales": Scope.SITES,
}
# Each of these changes what readers see, or what stands under a live address.
_PUBLISHING: Final = (
    "publish",
    "unpublish",
    "delete",
    "move",
    "copy",
    "copy_for_translation",
    "create_alias",
    "convert_alias",
)


def scope_of(operation_id: str, method: str) -> Scope | None:
    """The scope one of Wagtail's operations asks for; None where any token will do."""
    part, _, act = operation_id.partition("_")
    if part in ("pages", "snippets"):
        if method == "GET":
            return Scope.READ_DRAFTS
        if act.removeprefix("actions_") in _PUBLISHING:
            return Scope.PUBLISH
    return None if method == "GET" else _WRITING.get(part)
