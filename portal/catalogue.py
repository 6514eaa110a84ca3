"""The words of the public pages in other languages: what is to be translated, and the catalogues.

``manage.py catalogue`` collects the sentences of the public templates and of the code that gives
them words, brings each ``locale/<language>/LC_MESSAGES/django.po`` up to date and compiles it.
A sentence that is still to be translated stays empty there, and is shown as it is in the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
# What a visitor can meet without signing in or booking.
TEMPLATES = (
    "base.html",
    "base_public.html",
    "404.html",
    "cms/**/*.html",
    "components/*.html",
    "wagtailcore/*.html",
    "wagtaildocs/*.html",
)
CODE = (
    "cms/elsewhere.py",
    "cms/feeds.py",
    "cms/forms/*.py",
    "cms/links.py",
    "cms/searching.py",
    "cms/demo_content/price_list.py",
    "cms/pages/*.py",
    "payments/rule_words.py",
    "portal/context.py",
    "portal/settings.py",
    "portal/templatetags/portal_ui.py",
)
SINCE = datetime(2026, 11, 28, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def collect() -> Catalog:
    """Every sentence of the public pages, in the order of their files."""
    catalog = _empty()
    for path, text in _sources():
        found = extract("python", BytesIO(text.encode()), keywords=KEYWORDS)
        for _line, message, _comments, context in found:
            catalog.add(message, locations=[(path, None)], context=context)
    return catalog


def _sources() -> Iterator[tuple[str, str]]:
    for pattern in TEMPLATES:
        for file in sorted((ROOT / "templates").glob(pattern)):
            yield str(file.relative_to(ROOT)), templatize(file.read_text(encoding="utf-8"))
    for pattern in CODE:
        for file in sorted(ROOT.glob(pattern)):
            yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def po_file(language: str) -> Path:
    return ROOT / "locale" / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    file = po_file(language)
    if not file.exists():
        return _empty(language)
    with file.open("rb") as words:
        return read_po(words, locale=to_locale(language))


def _empty(language: str | None = None) -> Catalog:
    """No sentence yet, and no moment in its head: the same words are the same file."""
    return Catalog(
        locale=to_locale(language) if language else None,
        header_comment="# Words of the public pages; see docs/languages.md.",
        project="Portal",
        version="1",
        creation_date=SINCE,
        revision_date=SINCE,
        last_translator="the practice",
        language_team="the practice",
        charset="utf-8",
        fuzzy=False,
    )


def updated(language: str) -> Catalog:
    """The catalogue with every sentence of today and none of yesterday's."""
    catalog = read(language)
    catalog.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def write(language: str) -> list[str]:
    """Bring both files of a language up to date; the sentences still to be translated."""
    catalog = updated(language)
    po_file(language).parent.mkdir(parents=True, exist_ok=True)
    with po_file(language).open("wb") as words:
        write_po(words, catalog, width=100)
    po_file(language).with_suffix(".mo").write_bytes(compiled(catalog))
    return untranslated(catalog)


def compiled(catalog: Catalog) -> bytes:
    data = BytesIO()
    write_mo(data, catalog)
    return data.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    return [_first(each.id) for each in catalog if each.id and not _is_said(each.string)]


def _first(words: str | tuple[str, ...] | list[str]) -> str:
    return words if isinstance(words, str) else words[0]


def _is_said(words: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(words) if isinstance(words, tuple | list) and words else bool(words)
