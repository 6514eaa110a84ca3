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

HERE = Path(__file__).parent / "demo_content" / "policies"


def load_policies(home: BasePage, *, by: User | None) -> None:
    """Make the policy pages that are missing; one whose rules nobody has set waits for them."""
    for file in sorted(HERE.glob("*.txt")):
        document = read(file)
        facts = document.facts
        rules = facts.get("rules", "")
        is_there = home.get_children().filter(slug=facts["slug"]).exists()
        if is_there or (rules and live.rules_in_effect(rules, timezone.localdate()) is None):
            continue
        page = PolicyPage(
            title=facts["title"],
            slug=facts["slug"],
            code=facts["code"],
            rules_code=rules,
            intro=facts["intro"],
            body=_body(document),
            owner=by,
        )
        add_page(home, page)


def _body(document: Document) -> str:
    parts = []
    for piece in document.pieces:
        if piece.kind == "heading":
            parts.append(f"<h2>{piece.lines[0]}</h2>")
        else:
            parts.append(html(piece.lines, lambda address: f'href="{address}"'))
    return "".join(parts)
