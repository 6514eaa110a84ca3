"""The demo's policies. Loading them again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone

from cms import live
from cms.demo_content.markup import Document, html, read
from cms.models import BasePage, PolicyPage
from cms.tree import add_page

if TYPE_CHECKING:
    from accounts.models import User


def load_policies(home: BasePage, folder: Path, *, original: BasePage, by: User | None) -> None:
    """Make the policy pages that are missing below a home page; `original` is the home page whose
    policies they translate, itself if they do not. One whose rules nobody has set waits for them.
    """
    for file in sorted(folder.glob("*.txt")):
        document = read(file)
        facts = document.facts
        rules = facts.get("rules", "")
        of_this_code = PolicyPage.objects.child_of(original).filter(code=facts["code"]).first()
        is_there = of_this_code is not None and of_this_code.has_translation(home.locale)
        if is_there or home.get_children().filter(slug=facts["slug"]).exists():
            continue
        if rules and live.rules_in_effect(rules, timezone.localdate()) is None:
            continue
        page = PolicyPage(
            title=facts["title"],
            slug=facts["slug"],
            code=facts["code"],
            rules_code=rules,
            intro=facts["intro"],
            body=_body(document),
            owner=by,
            locale=home.locale,
        )
        if of_this_code is not None:
            page.translation_key = of_this_code.translation_key
        add_page(home, page)


def _body(document: Document) -> str:
    parts = []
    for piece in document.pieces:
        if piece.kind == "heading":
            parts.append(f"<h2>{piece.lines[0]}</h2>")
        else:
            parts.append(html(piece.lines, lambda address: f'href="{address}"'))
    return "".join(parts)
