"""A text becomes an article once, whole, or not at all."""

import re
from html import unescape

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from cms.importing_bodies import body_of
from cms.models import ArticleImport, ArticlePage
from cms.reading_text import Heading, Listing, Paragraph, UnreadableText, read_article

TEXT = """Massage for Runners

Top 5 Things It Does

As a runner, you know that looking after your body matters. We say why.

1. Recovery

Running loads your muscles. They like <b>help</b> & rest.

2. Sleep

You sleep better:
at least some people do.

- Legs up
- Lights out

Come In And See Us!

We are open until late.
"""


@pytest.fixture
def file(tmp_path):
    def file(content, name="article.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return file


def run(capsys, *args):
    call_command("import_article", *args)
    return capsys.readouterr().out


def test_title_headings_numbers_lists_and_paragraphs_are_told_apart():
    article = read_article(TEXT)

    assert article.title == "Massage for Runners"
    assert article.subtitle == "Top 5 Things It Does"
    assert article.parts == (
        Paragraph(("As a runner, you know that looking after your body matters. We say why.",)),
        Heading("Recovery", 1),
        Paragraph(("Running loads your muscles. They like <b>help</b> & rest.",)),
        Heading("Sleep", 2),
        Paragraph(("You sleep better:", "at least some people do.")),
        Listing(("Legs up", "Lights out")),
        Heading("Come In And See Us!"),
        Paragraph(("We are open until late.",)),
    )


def test_numbered_lines_together_are_a_list():
    article = read_article("Plan\n\nWeek by week, slowly.\n\n1. Walk\n2. Jog\n3. Run\n")

    assert article.parts[-1] == Listing(("Walk", "Jog", "Run"), start=1)


def test_a_heading_right_above_its_paragraph_is_still_a_heading():
    article = read_article("Plan\n\nSome words to begin with.\n\n1. Walk\nTen minutes a day.\n")

    assert article.parts[1:] == (Heading("Walk", 1), Paragraph(("Ten minutes a day.",)))


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40)
LINES = st.one_of(
    WORDS,
    st.just(""),
    WORDS.map("- {}".format),
    st.tuples(st.integers(1, 20), WORDS).map(lambda pair: f"{pair[0]}. {pair[1]}"),
    st.lists(WORDS, min_size=1, max_size=20).map(" ".join),
)


def _letters(text):
    """Every letter and figure, in order; numbers of lists are drawn by the browser."""
    return [mark for mark in text if mark.isalnum()]


@given(st.lists(LINES, max_size=25))
def test_no_letter_of_a_text_is_lost(lines):
    text = "\n".join(["A title", "", *lines])
    try:
        article = read_article(text)
    except UnreadableText:
        assert not "".join(lines).strip()
        return

    shown = f"{article.title}\n{article.subtitle}\n"
    for part in article.parts:
        if isinstance(part, Heading):
            shown += f"{part.number or ''} {part.text}\n"
        elif isinstance(part, Paragraph):
            shown += "\n".join(part.lines)
        else:
            start = part.start
            shown += "\n".join(
                item if start is None else f"{start + place} {item}"
                for place, item in enumerate(part.items)
            )
    assert _letters(shown) == _letters(text)


@given(st.lists(WORDS, min_size=1))
def test_text_goes_into_blocks_as_text_and_never_as_markup(lines):
    body = body_of([Paragraph(tuple(lines))])

    html = body[0][1]
    assert unescape(re.sub(r"<br/>", "\n", html.removeprefix("<p>").removesuffix("</p>"))) == (
        "\n".join(lines)
    )


def test_an_import_is_a_draft_until_publishing_is_asked_for(capsys, client, tree, file):
    path = file(TEXT)

    said = run(capsys, path)

    assert said == 'Made a draft of "Massage for Runners".\n'
    page = ArticlePage.objects.get(slug="massage-for-runners")
    assert not page.live
    assert client.get("/journal/massage-for-runners/").status_code == 404
    assert "is published at" in run(capsys, path, "--publish")
    html = client.get("/journal/massage-for-runners/").content.decode()
    assert "Top 5 Things It Does" in html
    assert "1. Recovery" in html
    assert "They like &lt;b&gt;help&lt;/b&gt; &amp; rest." in html
    assert "We say why." in page.meta_description


def test_the_same_file_twice_is_one_page_and_one_revision(capsys, tree, file):
    path = file(TEXT)
    run(capsys, path)

    said = run(capsys, path)

    assert said == '"Massage for Runners" is unchanged: nothing was written.\n'
    page = ArticlePage.objects.get()
    assert page.revisions.count() == 1


def test_a_changed_text_is_a_new_draft_of_the_same_page(capsys, client, tree, file):
    run(capsys, file(TEXT), "--publish")

    said = run(capsys, file(TEXT.replace("until late", "until ten")))

    assert said == 'The text changed: "Massage for Runners" has a new draft.\n'
    page = ArticlePage.objects.get()
    assert page.has_unpublished_changes
    assert "until late" in client.get("/journal/massage-for-runners/").content.decode()
    assert "until ten" in str(page.get_latest_revision_as_object().body)


def test_other_facts_above_the_same_words_are_a_new_draft(capsys, tree, file):
    text = "---\ntags: {}\n---\n\n# Calves\n\nStand on a step.\n"
    run(capsys, file(text.format("calves"), "a.md"))

    said = run(capsys, file(text.format("calves, rest"), "a.md"))

    assert said == 'The text changed: "Calves" has a new draft.\n'
    newest = ArticlePage.objects.get().get_latest_revision_as_object()
    assert sorted(tag.name for tag in newest.tags.all()) == ["calves", "rest"]


def test_a_page_that_a_person_edited_is_never_overwritten(capsys, tree, file):
    run(capsys, file(TEXT))
    page = ArticlePage.objects.get()
    page.body = [("prose", "<p>Better words.</p>")]
    page.save_revision()

    with pytest.raises(CommandError, match="edited here since it was imported"):
        run(capsys, file(TEXT.replace("until late", "until ten")))

    page = ArticlePage.objects.get()
    assert "Better words" in str(page.get_latest_revision_as_object().body)
    assert page.revisions.count() == 2


def test_an_editor_opening_and_saving_a_page_does_not_count_as_editing(capsys, tree, file):
    run(capsys, file(TEXT))
    page = ArticlePage.objects.get()
    saved = [
        (block.block_type, block.value.source.replace("<p>", '<p data-block-key="x1y2z">'))
        if block.block_type == "prose"
        else (block.block_type, block.value)
        for block in page.get_latest_revision_as_object().body
    ]
    page.body = saved
    page.save_revision()

    assert "has a new draft" in run(capsys, file(TEXT.replace("until late", "until ten")))


def test_a_page_that_was_written_here_keeps_its_address(capsys, write, file):
    write("Massage for Runners")

    with pytest.raises(CommandError, match="is there already and did not come from a file"):
        run(capsys, file(TEXT))

    assert ArticlePage.objects.count() == 1


def test_a_deleted_page_can_be_imported_again(capsys, tree, file):
    run(capsys, file(TEXT))
    ArticlePage.objects.get().delete()

    assert "Made a draft" in run(capsys, file(TEXT))


@pytest.mark.parametrize("author", ["sana", "Sana Iqbal"])
def test_an_author_is_a_therapist_by_code_or_name(capsys, sana, file, author):
    run(capsys, file(TEXT), "--author", author)

    assert ArticlePage.objects.get().get_latest_revision_as_object().author == sana


def test_an_author_may_be_anybody(capsys, tree, file):
    run(capsys, file(TEXT), "--author", "Guest Writer")

    assert ArticlePage.objects.get().get_latest_revision_as_object().byline == "Guest Writer"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b" \n\t \n", "The file is empty"),
        (b"\xef\xbb\xbf\n", "The file is empty"),
        (b"Title\n\nText\x00text", "not text: it holds zero bytes"),
        ("Title\n\nKov\xe1cs".encode("latin-1"), r"not UTF-8 text \(byte 11\)"),
        (b"Only a title\n", "a title and no text"),
        (b"x" * 300 + b"\n\nText.", "it may have 255 characters, not 300"),
        (b"***\n\nText of some kind.", "no letters or figures"),
        (b"a" * 1_000_001, "larger than a megabyte"),
    ],
)
def test_a_file_that_is_no_article_is_refused_and_nothing_is_written(
    capsys, tree, file, content, sentence
):
    with pytest.raises(CommandError, match=sentence):
        run(capsys, file(content))

    assert not ArticlePage.objects.exists()
    assert not ArticleImport.objects.exists()


def test_a_missing_file_and_a_folder_are_refused(capsys, tree, tmp_path):
    with pytest.raises(CommandError, match="There is no such file"):
        run(capsys, str(tmp_path / "nothing.txt"))
    with pytest.raises(CommandError, match="cannot be read"):
        run(capsys, str(tmp_path))


def test_a_byte_order_mark_and_old_line_ends_are_no_part_of_the_title(capsys, tree, file):
    run(capsys, file(b"\xef\xbb\xbfA title\r\n\r\nSome words that are a sentence.\r\n"))

    assert ArticlePage.objects.get().title == "A title"
