"""Our rules in Wagtail's content checks: seen beside the page while it is written.

Rules about one element are for axe to find; those that need the whole page are found by
`cms.health` and told to axe by a class on the body of the preview.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.userbar import ContentCheckerItem

from cms.health import VAGUE, Matter

_NEVER: Final = "check-found-by-the-page"
_VAGUE: Final = "check-link-says-where"
# The checker's patterns know no flag for "in either case".
_EITHER_CASE: Final = [
    re.sub(r"\b[a-z]", lambda first: f"[{first[0].upper()}{first[0]}]", words)
    for words in sorted(VAGUE)
]
_WORDS: Final = rf"/^\s*({'|'.join(_EITHER_CASE)})\.?\s*$/"
FOUND_BY_THE_PAGE: Final = {
    Matter.ALT: ("Picture without alternative text", "Say what it shows, or mark it as decoration"),
    Matter.CLAIM: (
        "Reads like a medical claim without a source",
        "Name a source below the text, link to one, or say it more carefully",
    ),
    Matter.DEAD_LINK: ("Link to a page readers cannot see", "Choose another page or publish it"),
    Matter.DESCRIPTION: ("No description for search results", "Write one under Promote"),
}


class PracticeChecks(ContentCheckerItem):
    axe_include: Final = ["main"]  # frame and footer are not the editor's words
    axe_run_only: Final = [
        *ContentCheckerItem.axe_run_only,
        "image-alt",
        "vague-link",
        *(f"page-{matter}" for matter in FOUND_BY_THE_PAGE),
    ]
    axe_custom_rules: Final = [
        *ContentCheckerItem.axe_custom_rules,
        {
            "id": "vague-link",
            "impact": "serious",
            "selector": "main a[href]",
            "tags": ["best-practice"],
            "none": [_VAGUE],
            "enabled": True,
        },
        *(
            {
                "id": f"page-{matter}",
                "impact": "moderate",
                "selector": f"body.found-{matter} h1",
                "tags": ["best-practice"],
                "any": [_NEVER],
                "enabled": True,
            }
            for matter in FOUND_BY_THE_PAGE
        ),
    ]
    axe_messages: Final = {
        **ContentCheckerItem.axe_messages,
        "image-alt": {
            "error_name": "Picture without alternative text",
            "help_text": "Say what it shows, or mark it as decoration",
        },
        "vague-link": {
            "error_name": "Link does not say where it leads",
            "help_text": "Use the name of what it opens instead of “click here”",
        },
        **{
            f"page-{matter}": {"error_name": name, "help_text": what_to_do}
            for matter, (name, what_to_do) in FOUND_BY_THE_PAGE.items()
        },
    }

    def get_axe_custom_checks(self, request: HttpRequest) -> list[dict[str, Any]]:
        """axe's own matcher with our words: the admin's scripts carry no functions of ours."""
        matches = "matches-definition-evaluate"
        return [
            *super().get_axe_custom_checks(request),
            {"id": _VAGUE, "evaluate": matches, "options": {"matcher": {"accessibleName": _WORDS}}},
            {"id": _NEVER, "evaluate": matches, "options": {"matcher": {"nodeName": "none"}}},
        ]


@hooks.register("construct_wagtail_userbar")
def check_by_our_rules(request: HttpRequest, items: list[Any], page: Any) -> None:
    items[:] = [
        PracticeChecks(in_editor=item.in_editor) if isinstance(item, ContentCheckerItem) else item
        for item in items
    ]
