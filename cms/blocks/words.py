"""Blocks that hold words."""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify
from wagtail import blocks

from cms.rich_text import INLINE, PROSE, resolved


class ProseBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"features": PROSE, **kwargs})

    def get_api_representation(self, value: Any, context: dict[str, Any] | None = None) -> Any:
        """Finished HTML with absolute links, unless the client asks for a stored format."""
        request = (context or {}).get("request")
        wanted = request.GET.get("rich_text_format") if request else None
        if wanted in (None, "html"):
            return resolved(value.source, absolute=True)
        return super().get_api_representation(value, context)

    class Meta:
        icon = "pilcrow"
        label = "Text"
        description = "Paragraphs, lists and links."
        template = "cms/blocks/prose.html"
        preview_value = "<p>Six weeks into a plan the long run is half as long again.</p>"


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=160)
    number = blocks.IntegerBlock(
        required=False, min_value=1, max_value=99, help_text="For numbered sections."
    )
    level = blocks.ChoiceBlock(
        choices=[("2", "Section"), ("3", "Part of a section")], default="2", required=True
    )

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        return context | {"anchor": slugify(value["text"])}

    class Meta:
        icon = "title"
        label = "Heading"
        description = "Starts a section; readers and search engines find their way by it."
        template = "cms/blocks/heading.html"
        preview_value = {"text": "What we feel on the table", "number": None, "level": "2"}


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(rows=3)
    by = blocks.CharBlock(required=False, label="Who said it")
    role = blocks.CharBlock(required=False, help_text="For instance: ultra runner.")

    class Meta:
        icon = "openquote"
        label = "Quote"
        description = "Somebody's own words."
        template = "cms/blocks/quote.html"
        preview_value = {
            "text": "I came in like a plank and ran the next morning.",
            "by": "Ola",
            "role": "Half marathon",
        }


class KeyPointsBlock(blocks.StructBlock):
    title = blocks.CharBlock(default="In short", max_length=80)
    points = blocks.ListBlock(blocks.CharBlock(max_length=240), min_num=1, max_num=6)

    class Meta:
        icon = "list-ul"
        label = "Key points"
        description = "The article in two to five lines, for readers in a hurry."
        template = "cms/blocks/key_points.html"
        preview_value = {
            "title": "In short",
            "points": ["Sore legs recover by themselves.", "Massage makes the wait easier."],
        }


class DoDontBlock(blocks.StructBlock):
    do = blocks.ListBlock(blocks.CharBlock(max_length=240), min_num=1, label="Do")
    dont = blocks.ListBlock(blocks.CharBlock(max_length=240), min_num=1, label="Leave out")

    class Meta:
        icon = "tasks"
        label = "Do and do not"
        description = "Two short lists, side by side where there is room."
        template = "cms/blocks/do_dont.html"
        preview_value = {"do": ["Walk for ten minutes."], "dont": ["Stretch into pain."]}


class ExerciseBlock(blocks.StructBlock):
    name = blocks.CharBlock(max_length=120)
    sets = blocks.CharBlock(
        max_length=120, help_text="For instance: 3 sets of 12, every other day."
    )
    how = blocks.TextBlock(rows=4)
    caution = blocks.TextBlock(rows=2, required=False, help_text="When to stop or leave it out.")

    class Meta:
        icon = "repeat"
        label = "Exercise"
        description = "One exercise: how often, how, and when to stop."
        template = "cms/blocks/exercise.html"
        preview_value = {
            "name": "Bent-knee calf raise",
            "sets": "3 sets of 12, every other day",
            "how": "Stand on a step, knees soft. Rise in two seconds, lower in three.",
            "caution": "Stop if the Achilles hurts the next morning.",
        }


class RedFlagBlock(blocks.StructBlock):
    title = blocks.CharBlock(default="Stop and ask a doctor", max_length=80)
    text = blocks.TextBlock(rows=3)

    class Meta:
        icon = "warning"
        label = "Red flag"
        description = "When this is not for massage and somebody should see a doctor."
        template = "cms/blocks/red_flag.html"
        preview_value = {
            "title": "Stop and ask a doctor",
            "text": "One calf is swollen, warm and sore without a reason.",
        }


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(max_length=200)
    answer = ProseBlock(features=INLINE)

    class Meta:
        icon = "help"
        label = "Question"


class FaqBlock(blocks.StructBlock):
    title = blocks.CharBlock(required=False, max_length=120)
    items = blocks.ListBlock(QuestionBlock(), min_num=1)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        questions = [
            {"question": item["question"], "answer": _safe(resolved(item["answer"].source))}
            for item in value["items"]
        ]
        return context | {"questions": questions}

    class Meta:
        icon = "help"
        label = "Questions and answers"
        description = "Answers that open on a tap; works without JavaScript."
        template = "cms/blocks/faq.html"
        preview_value = {
            "title": "Before you come",
            "items": [{"question": "What do I wear?", "answer": "<p>Shorts you can run in.</p>"}],
        }


def _safe(html: str) -> str:
    from django.utils.safestring import mark_safe

    # Rich text was cleaned when it was saved, against the features of its block.
    return mark_safe(html)  # noqa: S308
