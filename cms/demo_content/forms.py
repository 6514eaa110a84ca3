"""The demo's two forms: a question to the practice, and a race that wants a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cms.forms.models import FormField, FormPage
from cms.tree import Tree, add_page

if TYPE_CHECKING:
    from accounts.models import User

CONTACT = (
    ("Your name", "singleline", True, "", ""),
    ("Your email", "email", True, "So that we can answer.", ""),
    ("Your phone number", "phone", False, "If you would rather be rung.", ""),
    (
        "What is it about?",
        "radio",
        True,
        "",
        "A session\nA package or a gift\nA team or a club\nSomething else",
    ),
    ("Your message", "multiline", True, "Please leave out health details: they can wait.", ""),
)
RACE = (
    ("Your name", "singleline", True, "", ""),
    ("Your email", "email", True, "", ""),
    ("Name of the race", "singleline", True, "", ""),
    ("Day of the race", "date", True, "", ""),
    ("How many runners?", "number", True, "A rough guess is fine.", ""),
    (
        "What would help?",
        "checkboxes",
        True,
        "",
        "Massage at the finish\nMassage the day before\nA talk on recovery",
    ),
    ("Anything else?", "multiline", False, "Where, when, tents, power, parking.", ""),
)
PAGES: tuple[tuple[dict[str, Any], tuple[tuple[str, str, bool, str, str], ...]], ...] = (
    (
        {
            "title": "Contact",
            "slug": "contact",
            "intro": "Ask us anything. For a session there is a quicker way: pick a free time.",
            "search_description": "Write to the practice. We answer within two working days.",
            "show_in_menus": False,
        },
        CONTACT,
    ),
    (
        {
            "title": "Massage at your race",
            "slug": "race-team",
            "intro": "We bring tables, therapists and patience. Tell us about the day and we say "
            "what it would take, with a price and no obligation.",
            "search_description": "Sports massage for races, clubs and teams around Bristol.",
            "button": "Ask for an offer",
            "thanks_title": "Thank you, we are on it",
            "thanks_text": "We look at the day and write back within two working days with who "
            "could come and what it costs.",
            "keep_days": 365,
        },
        RACE,
    ),
)


def load_forms(tree: Tree, by: User | None) -> None:
    """Make the forms that are missing; what is there is left as it is."""
    for facts, fields in PAGES:
        if tree.home.get_children().filter(slug=facts["slug"]).exists():
            continue
        page = FormPage(**facts, owner=by)
        page.form_fields = [
            FormField(
                sort_order=place,
                label=label,
                field_type=kind,
                required=required,
                help_text=hint,
                choices=choices,
            )
            for place, (label, kind, required, hint, choices) in enumerate(fields)
        ]
        add_page(tree.home, page)
