"""Documents of four kinds become the same parts, and no word of them is lost."""

import base64
import re

import pytest
from docx import Document as WordDocument
from hypothesis import given, settings
from hypothesis import strategies as st

from cms.importing_bodies import body_of
from cms.reading import Document, read_document
from cms.reading_parts import (
    Block,
    Heading,
    Item,
    Listing,
    Paragraph,
    Picture,
    Quote,
    Rich,
    Run,
    Source,
    UnreadableText,
    text_of,
)
from tests.cms import files

MARKDOWN = """---
subtitle: What we see in week six
author: sana
tags: calves, rest
layout: post
---

# Calves

Six weeks into a plan, **calves** talk. Read [this](https://example.com/a) & *rest*.

## 1. Why

- Load
  - More load
- Less sleep

> It went like a plank.
>
> — Ola, Half marathon

![Lanes](lanes.png "A bend")

| Week | km |
| --- | --- |
| One | 20 |

It was shown twice[^a].

[^a]: Smith 2019, Journal of Calves, https://example.com/smith
"""
HTML = """<!doctype html><html><head><title>Site | Calves</title><style>p{}</style></head><body>
<h1>Calves</h1>
<p>Six weeks into a plan, <strong>calves</strong> talk. Read <a href="https://example.com/a">this</a>
 &amp; <em>rest</em>.</p><script>alert(1)</script><!-- not said -->
<h2>1. Why</h2>
<ul><li>Load<ul><li>More load</li></ul></li><li>Less sleep</li></ul>
<blockquote><p>It went like a plank.</p><p>— Ola, Half marathon</p></blockquote>
<figure><img src="lanes.png" alt="Lanes"><figcaption>A bend</figcaption></figure>
<table><tr><th>Week</th><th>km</th></tr><tr><td>One</td><td>20</td></tr></table>
<p>It was shown twice[1].</p>
<h2>Sources</h2><ol><li>Smith 2019, Journal of Calves, https://example.com/smith</li></ol></body>"""

SAME = (
    Paragraph(
        (
            Rich(
                (
                    Run("Six weeks into a plan, "),
                    Run("calves", bold=True),
                    Run(" talk. Read "),
                    Run("this", link="https://example.com/a"),
                    Run(" & "),
                    Run("rest", italic=True),
                    Run("."),
                )
            ),
        )
    ),
    Heading("Why", 1),
    Listing((Item("Load", (Listing(("More load",)),)), "Less sleep")),
    Quote("It went like a plank.", "Ola", "Half marathon"),
)
SMITH = Source(
    "Smith 2019, Journal of Calves, https://example.com/smith", "https://example.com/smith"
)


def read(name, data, **beside):
    content = data if isinstance(data, bytes) else data.encode()
    return read_document(Document(name, content, beside))


def lanes():
    return {"lanes.png": files.image()}


@pytest.mark.parametrize(("name", "text"), [("a.md", MARKDOWN), ("a.html", HTML)])
def test_markdown_and_web_pages_give_the_same_parts(name, text):
    article = read(name, text, **lanes())

    assert article.title == "Calves"
    assert article.parts[:4] == SAME
    picture, table, shown = article.parts[4:]
    assert (picture.alt, picture.caption) == ("Lanes", "A bend")
    assert table == Paragraph(("Week | km", "One | 20"))
    assert shown == Paragraph(("It was shown twice[1].",))
    assert article.sources == (SMITH,)
    assert any("table" in warning for warning in article.warnings)


def test_the_facts_above_a_markdown_text_are_kept_and_what_has_no_place_is_told():
    article = read("a.md", MARKDOWN, **lanes())

    assert article.subtitle == "What we see in week six"
    assert (article.author, article.tags) == ("sana", ("calves", "rest"))
    assert '"layout: post" at the top has no place here and was left out.' in article.warnings


def test_a_word_document_gives_title_levels_lists_quotes_and_its_pictures():
    document = WordDocument()
    document.add_heading("Calves", 0)
    document.add_paragraph("What we see in week six", style="Subtitle")
    paragraph = document.add_paragraph("Six weeks in, ")
    paragraph.add_run("calves").bold = True
    paragraph.add_run(" talk.")
    document.add_heading("Why", 1)
    document.add_paragraph("Load", style="List Bullet")
    document.add_paragraph("Less sleep", style="List Bullet")
    document.add_heading("In detail", 2)
    document.add_paragraph("Like a plank.", style="Quote")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Week one", "20 km"
    document.add_picture(files.BytesIO(files.image()))

    article = read("a.docx", files.saved(document))

    assert (article.title, article.subtitle) == ("Calves", "What we see in week six")
    assert article.parts[:-1] == (
        Paragraph((Rich((Run("Six weeks in, "), Run("calves", bold=True), Run(" talk."))),)),
        Heading("Why", None, 2),
        Listing(("Load", "Less sleep")),
        Heading("In detail", None, 3),
        Quote("Like a plank."),
        Paragraph(("Week one | 20 km",)),
    )
    assert isinstance(article.parts[-1], Picture)
    assert any("no alternative text" in warning for warning in article.warnings)


def test_footnotes_of_word_become_sources():
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Calves</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>Shown once.</w:t></w:r>"
        '<w:r><w:footnoteReference w:id="1"/></w:r></w:p>'
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    notes = (
        f'<w:footnotes {space}><w:footnote w:id="1"><w:p><w:r><w:t>Smith 2019.</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    document = files.rewritten(
        files.word(),
        **{
            "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
            "word/footnotes.xml": notes,
            "word/_rels/document.xml.rels": relations,
        },
    )

    article = read("a.docx", document)

    assert article.sources == (Source("Smith 2019."),)
    assert "Shown once.[1]" in str(article.parts)


# --- Pictures -------------------------------------------------------------------------------------
def data_uri(data):
    return "data:image/png;base64," + base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.com/x.png", "lies elsewhere and was not fetched"),
        ("//example.com/x.png", "lies elsewhere and was not fetched"),
        ("missing.png", "not among the files"),
        ("../../etc/passwd", "not among the files"),
        ("file:///etc/passwd", "not among the files"),
        ("data:image/svg+xml,<svg onload=alert(1)></svg>", "left out"),
        ("data:image/png;base64,!!!", "broken"),
        (data_uri(files.bomb()), "pixels"),
        (data_uri(files.image()[:50]), "broken"),
    ],
)
def test_a_picture_we_do_not_have_leaves_its_words_and_a_warning(address, words):
    article = read("a.html", f'<h1>A</h1><p>Text.</p><img alt="The bend" src="{address}">')

    assert not [part for part in article.parts if isinstance(part, Picture)]
    assert "The bend" in text_of(article.parts[-1].lines[0])
    assert words in " ".join(article.warnings)


def test_a_picture_from_the_web_becomes_a_link():
    article = read("a.md", "# A\n\nText.\n\n![The bend](https://example.com/x.png)\n")

    link = Run("The bend", link="https://example.com/x.png")
    assert article.parts[-1] == Paragraph((Rich((link,)),))


def test_a_picture_inside_the_document_is_kept_and_stripped():
    article = read("a.html", f'<h1>A</h1><p>T</p><img src="{data_uri(files.photo("PNG"))}">')

    assert b"Secret" not in article.parts[-1].image.data


# --- What is left out, and what is refused --------------------------------------------------------
@pytest.mark.parametrize("address", ["javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x"])
def test_a_link_that_runs_something_loses_its_address_and_keeps_its_words(address):
    article = read("a.html", f'<h1>A</h1><p>Text <a href="{address}">here</a>.</p>')

    assert article.parts == (Paragraph(("Text here.",)),)
    assert "runs a script" in article.warnings[0]


BAD = [
    ("a.md", b"", "empty"),
    ("a.md", b"# Only\n", "no text below"),
    ("a.md", b"# " + b"x" * 300 + b"\n\nText.", "255"),
    ("a.md", b"a" * 1_000_001, "larger than a megabyte"),
    ("a.md", files.word(), "holds a Word document"),
    ("a.txt", files.PDF, "holds a PDF"),
    ("a.html", b"<p>a\0b", "zero bytes"),
    ("a.html", "<h1>Kov\xe1cs</h1><p>x".encode("latin-1"), "does not say how it is written"),
    ("a.html", b"<h1>A</h1>" + b"<div>" * 900 + b"x", "nested too deeply"),
    ("a.docx", b"# Words", "broken"),
    ("a.docx", files.OLE, "locked with a password"),
    ("a.docx", files.word()[:800], "broken"),
    ("a.docx", files.archive({"word/document.xml": b"0" * 9_000_000}), "unpacks to far more"),
    ("a.docx", files.archive({"word/document.xml": b"<a/>"}), "broken"),
    ("a.pdf", files.PDF, "Send one of"),
    ("a", b"text", "Send one of"),
]


@pytest.mark.parametrize(("name", "data", "words"), BAD, ids=lambda each: str(each)[:20])
def test_a_file_that_is_no_document_is_refused_with_a_sentence(name, data, words):
    with pytest.raises(UnreadableText, match=words):
        read(name, data)


def test_a_web_page_that_says_how_it_is_written_is_read_so():
    page = '<meta charset="iso-8859-1"><h1>Kov\xe1cs</h1><p>Text.</p>'

    assert read("a.html", page.encode("latin-1")).title == "Kov\xe1cs"


def test_twenty_levels_of_lists_are_read():
    deep = "<ul><li>x" * 20 + "</li></ul>" * 20

    article = read("a.html", f"<h1>A</h1>{deep}")

    assert str(article.parts).count("'x'") == 20


# --- No word is lost ------------------------------------------------------------------------------
WORDS = st.text("abcdefg hijk\N{LATIN SMALL LETTER E WITH ACUTE}&<>'\"12", min_size=1, max_size=20)
TAGS = st.sampled_from(
    "p div b i em strong a ul ol li h2 h3 blockquote table tr td span pre section figure "
    "figcaption dl dt dd details summary br unknown".split()
)
TREES = st.recursive(
    WORDS.map(lambda words: words.replace("&", "&amp;").replace("<", "&lt;")),
    lambda below: st.tuples(TAGS, st.lists(below, max_size=4)).map(
        lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=15,
)


def letters(text):
    return sorted(mark for mark in text if mark.isalnum())


def said_in(article):
    words = article.title
    for kind, value in body_of(article.parts):
        if kind == "prose":
            words += re.sub(r"<[^>]*>", " ", value)
            words = words.replace("&amp;", " ").replace("&lt;", " ").replace("&gt;", " ")
        else:
            words += " ".join(str(value[name] or "") for name in value if name != "level")
    return words + "".join(f"{each.text} {each.found}" for each in article.sources)


@settings(max_examples=150, deadline=None)
@given(st.lists(TREES, max_size=6))
def test_no_letter_of_a_web_page_is_lost(trees):
    html = f"<h1>T</h1><p>x</p>{''.join(trees)}"
    shown = re.sub(r"<[^>]*>", " ", html)
    for mark in ("&amp;", "&lt;"):
        shown = shown.replace(mark, " ")

    assert letters(said_in(read("a.html", html))) == letters(shown)


MARKS = st.text("abc \n#*_-`[]()>!|1.~:\\", max_size=200)


@settings(max_examples=150, deadline=None)
@given(MARKS)
def test_any_markdown_is_read_or_refused_and_no_letter_is_lost(text):
    try:
        article = read("a.md", f"# T\n\nx\n\n{text}")
    except UnreadableText:
        return

    said = said_in(article)
    for mark in "abc":
        # Addresses of links and languages of code are no words.
        assert said.count(mark) >= re.sub(r"\]\([^)]*\)|```.*|~~~.*|\]:.*", "", text).count(mark)


def test_a_block_of_ours_comes_back_as_it_was_written():
    text = '# A\n\nText.\n\n```block:key_points\n{"title": "In short", "points": ["Rest."]}\n```\n'

    assert read("a.md", text).parts[-1] == Block(
        "key_points", {"title": "In short", "points": ["Rest."]}
    )
