"""Tells the catalogue which pages name a code, so that staff know before they withdraw it."""

from __future__ import annotations

from django.urls import reverse

from cms import contents, references
from payments.withdrawing import Mention


def mentions_on_pages(kind: str, codes: frozenset[str]) -> list[Mention]:
    versions = contents.newest_and_live(contents.pages_in_editing())
    return [
        Mention(use.title, use.where, reverse("wagtailadmin_pages:edit", args=[use.page_id]))
        for use in references.uses_in(versions)
        if use.kind == kind and use.code in codes
    ]
