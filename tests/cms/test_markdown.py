"""Pages as Markdown: nothing lost, nothing live frozen, nothing that reads as a command."""

import re

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cms.markdown_of import markdown, markdown_of


def test_an_article_says_the_same_in_markdown(write, picture):
    page = write(
        subtitle="And three things that help",
        hero_image=picture,
        hero_alt="Lanes",
        body=[
            ("heading", {"text": "Why", "number": 2, "level": "2"}),
            ("prose", "<p>Six <b>weeks</b> in.</p><ul><li>One</li><li>Two</li></ul>"),
            ("picture", {"image": {"image": picture, "alt_text": "A bend"}, "caption": "Harbour"}),
            ("quote", {"text": "Like a plank.", "by": "Ola", "role": "10 km"}),
            ("key_points", {"title": "In short", "points": ["Rest"]}),
            ("do_dont", {"do": ["Walk"], "dont": ["Stretch into pain"]}),
            ("exercise", {"name": "Raise", "sets": "3 x 12", "how": "Slowly.", "caution": "Stop."}),
            ("red_flag", {"title": "Ask a doctor", "text": "One calf is warm."}),
            ("faq", {"title": "Asked", "items": [{"question": "Hurt?", "answer": "<p>No.</p>"}]}),
        ],
        sources=[
            ("source", {"text": "A study", "found": "Little.", "link": "https://doi.example/1"})
        ],
    )

    text = markdown_of(page)

    assert text.startswith("# Calves in week six\n\nSana Iqbal, 18 November 2026\n")
    for line in [
        "## 2\\. Why", "Six **weeks** in.", "- One", "> Like a plank.", "> \N{EM DASH} Ola, 10 km",
        "**In short**", "- Rest", "- Stretch into pain", "### Raise", "**Careful:** Stop.",
        "One calf is warm.", "### Hurt?", "## Sources",
        "1. [A study](https://doi.example/1) Little.", "*Harbour*",
    ]:  # fmt: skip
        assert line in text, line
    assert re.search(r"!\[A bend\]\(http://localhost:8000/media/\S+\.jpg\)", text)


def test_a_german_page_says_its_own_words_in_german(write):
    page = write(
        body=[
            ("do_dont", {"do": ["Gehen"], "dont": ["Springen"]}),
            ("exercise", {"name": "Heben", "sets": "3 x 12", "how": "Sanft.", "caution": "Halt."}),
        ],
        sources=[("source", {"text": "Eine Studie", "found": "Wenig.", "link": ""})],
    )

    with translation.override("de"):
        text = markdown_of(page)

    for words in [
        r"18\. November 2026",
        "**Tun**",
        "**Lassen**",
        "**Vorsicht:** Halt.",
        "## Quellen",
    ]:
        assert words in text


def test_prices_and_times_are_links_to_where_they_are_true(write, sports_page, shop):
    page = write(
        body=[
            ("package_offer", {"package": "five-60", "note": "Worth it"}),
            ("next_times", {"title": "Book now"}),
            ("service_card", {"service": "sports-massage"}),
        ]
    )

    text = markdown_of(page)

    assert "£" not in text
    assert "[5 x 60 minutes](http://localhost:8000/packages/): Worth it" in text
    assert "[Book now](http://localhost:8000/book/)" in text
    assert "(http://localhost:8000/treatments/sports-massage/)" in text
    shop.packages.clear()
    assert "Worth it" not in markdown_of(page)


def _read(text):
    """The words a Markdown reader shows."""
    tokens = MarkdownIt("commonmark").parse(text)
    inline = [child for token in tokens for child in token.children or []]
    return "".join(child.content for child in inline if child.type == "text")


@given(st.text("ab*_#[]()<>!`~\\-+1.>|&; ", min_size=1, max_size=40).map(str.strip))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_words_that_look_like_markdown_stay_words(words):
    from django.utils.html import format_html

    shown = _read(markdown(format_html("<p>{}</p>", f"x {words} y")))

    assert "".join(shown.split()) == "".join(f"x{words}y".split())


@pytest.mark.parametrize("words", ["# not a heading", "1. not a list", "- nor this", "> nor that"])
def test_a_paragraph_never_becomes_something_else(words):
    from django.utils.html import format_html

    [opening, *_] = MarkdownIt("commonmark").parse(markdown(format_html("<p>{}</p>", words)))

    assert opening.type == "paragraph_open"
