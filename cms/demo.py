"""The demo's site: pages of a practice, written by us. Loading it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.models import Locale

from cms.demo_content import pictures
from cms.demo_content.building import blocks_of, body_of, picture_block, sources_of
from cms.demo_content.forms import load_forms
from cms.demo_content.markup import Document, read
from cms.demo_policies import load_policies
from cms.models import (
    ArticlePage,
    BasePage,
    HomePage,
    LocationIndexPage,
    LocationPage,
    QuestionsPage,
    ServicePage,
    StandardPage,
    TherapistPage,
)
from cms.renditions import draw
from cms.tree import Tree, add_page, ensure_tree

if TYPE_CHECKING:
    from accounts.models import User

HERE = Path(__file__).parent / "demo_content"
# Where the words of each language lie; a language the site does not speak is left out.
FOLDERS = {settings.LANGUAGE_CODE: HERE, "de": HERE / "de"}


@dataclass(frozen=True, slots=True)
class _Loading:
    """One language being loaded; `original` is the tree of the default language."""

    tree: Tree
    original: Tree
    locale: Locale
    at: datetime
    by: User | None

    def day(self, days_ago: str) -> date:
        return timezone.localdate(self.at) - timedelta(days=int(days_ago))

    def add(self, parent: BasePage, document: Document, make: Callable[[], Any]) -> None:
        """Add the page a document tells of, unless one has its address or translates its page."""
        original = self.original_of(parent, document)
        if parent.get_children().filter(slug=document.facts["slug"]).exists():
            return
        if original and original.has_translation(self.locale):
            return
        page = make()
        page.title, page.slug = document.facts["title"], document.facts["slug"]
        page.search_description = document.facts.get("description", document.facts["intro"])
        page.intro = document.facts["intro"]
        page.locale, page.owner = self.locale, self.by
        if original:
            page.translation_key = original.translation_key
        add_page(parent, page)

    def original_of(self, parent: BasePage, document: Document) -> BasePage | None:
        if "translates" not in document.facts:
            return None
        above = parent.get_translation(self.original.home.locale)
        found: BasePage = above.get_children().get(slug=document.facts["translates"])
        return found


@transaction.atomic
def load_demo_content(*, at: datetime, by: User | None) -> None:
    """Make what is missing of the demo's site; `by` owns it, dates count back from `at`.

    A page that is there already is left as it is, edited or not.
    """
    original = ensure_tree()
    load_forms(original, by)
    for language, folder in FOLDERS.items():
        if language in dict(settings.LANGUAGES):
            locale, _ = Locale.objects.get_or_create(language_code=language)
            pages = _documents(folder / "pages")
            tree = _tree_in(locale, original, pages, by)
            load_policies(tree.home, folder / "policies", original=original.home, by=by)
            loading = _Loading(tree, original, locale, at, by)
            _load(loading, pages + _documents(folder / "articles"))


def _load(loading: _Loading, documents: list[Document]) -> None:
    for document in documents:
        _LOADERS[document.facts.get("type", "article")](loading, document)


def _documents(folder: Path) -> list[Document]:
    documents = [read(file) for file in sorted(folder.glob("*.txt"))]
    # The newest article comes first, as others link to it.
    return sorted(documents, key=lambda each: int(each.facts.get("days_ago", "0")))


# --- The skeleton in a language -------------------------------------------------------------------
def _tree_in(locale: Locale, original: Tree, pages: list[Document], by: User | None) -> Tree:
    if locale == original.home.locale:
        return original
    facts = {each.facts.get("translates", ""): each.facts for each in pages}
    root = BasePage.get_first_root_node()
    home = _translated(original.home, root, locale, by, title=original.home.title)

    def index(page: Any) -> Any:
        said = facts[page.slug]
        names = ("title", "slug", "intro")
        given: dict[str, Any] = {name: said[name] for name in names if name in said}
        given |= {"search_description": said["intro"], "show_in_menus": True}
        return _translated(page, home, locale, by, **given)

    return Tree(
        home=home,
        treatments=index(original.treatments),
        packages=index(original.packages),
        journal=index(original.journal),
        therapists=index(original.therapists),
    )


def _translated(page: Any, parent: Any, locale: Locale, by: User | None, **fields: Any) -> Any:
    found = page.get_translation_or_none(locale)
    if found:
        return found
    given = {"slug": f"{page.slug}-{locale.language_code}", **fields}
    key = page.translation_key
    return add_page(parent, type(page)(locale=locale, translation_key=key, owner=by, **given))


def _nothing(loading: _Loading, document: Document) -> None:
    """Index pages are there before anything is loaded below them."""


# --- Pages ----------------------------------------------------------------------------------------
def _service(loading: _Loading, document: Document) -> None:
    facts = document.facts

    def make() -> ServicePage:
        return ServicePage(
            service_code=facts["service"],
            feeling=facts["feeling"],
            spot=facts["spot"],
            body=body_of(document.pieces, loading.tree.home),
        )

    loading.add(loading.tree.treatments, document, make)


def _therapist(loading: _Loading, document: Document) -> None:
    facts = document.facts

    def make() -> TherapistPage:
        return TherapistPage(
            therapist_code=facts["therapist"],
            runs=facts["runs"],
            training=facts["training"],
            register_number=facts["register_number"],
            body=body_of(document.pieces, loading.tree.home),
        )

    loading.add(loading.tree.therapists, document, make)


def _standard(loading: _Loading, document: Document) -> None:
    days_ago = document.facts.get("changed_days_ago")

    def make() -> StandardPage:
        return StandardPage(
            changed_on=loading.day(days_ago) if days_ago else None,
            body=body_of(document.pieces, loading.tree.home),
        )

    loading.add(loading.tree.home, document, make)


def _questions(loading: _Loading, document: Document) -> None:
    def make() -> QuestionsPage:
        return QuestionsPage(groups=body_of(document.pieces, loading.tree.home))

    loading.add(loading.tree.home, document, make)


def _location(loading: _Loading, document: Document) -> None:
    def make() -> LocationPage:
        return LocationPage(
            location_code=document.facts["location"],
            body=body_of(document.pieces, loading.tree.home),
        )

    loading.add(_index_of_places(loading), document, make)


def _index_of_places(loading: _Loading) -> BasePage:
    home = loading.tree.home
    found: BasePage | None = LocationIndexPage.objects.child_of(home).first()
    return found or add_page(
        home,
        LocationIndexPage(
            title="Where we are",
            slug="locations",
            intro="Two places in Bristol, one calendar.",
            search_description="Where the practice is, when it is open, and how to find the door.",
            owner=loading.by,
        ),
    )


def _article(loading: _Loading, document: Document) -> None:
    facts = document.facts

    def make() -> ArticlePage:
        body = body_of(document.pieces, loading.tree.home)
        if "picture" in facts:
            drawing = pictures.DRAWINGS[facts["picture"]]
            body.insert(3, picture_block(_image(facts["picture"]), drawing.alt, facts["caption"]))
        authors = TherapistPage.objects.filter(locale=loading.locale)
        page = ArticlePage(
            subtitle=facts["subtitle"],
            author=authors.filter(therapist_code=facts["author"]).first(),
            published_on=loading.day(facts["days_ago"]),
            hero_image=_image(facts["hero"]),
            hero_alt=facts["hero_alt"],
            body=body,
            sources=sources_of(document.pieces),
        )
        page.tags.set(facts["tags"].split(", "))
        return page

    loading.add(loading.tree.journal, document, make)


def _home(loading: _Loading, document: Document) -> None:
    """Words for the home page, unless somebody wrote some already."""
    home, facts = loading.tree.home, document.facts
    if home.steps:
        return
    _say(home, facts)
    home.social_image = _image("bend")
    blocks = blocks_of(document.pieces, home)
    home.steps = [block for block in blocks if block[0] == "step"]
    home.questions = [block for block in blocks if block[0] == "faq"]
    home.save_revision(user=loading.by).publish(user=loading.by)


def _say(home: HomePage, facts: dict[str, str]) -> None:
    home.headline, home.intro = facts["headline"], facts["intro"]
    home.search_description = facts["description"]
    home.package = facts["package"]


_LOADERS: dict[str, Callable[[_Loading, Document], None]] = {
    "home": _home,
    "index": _nothing,
    "service": _service,
    "therapist": _therapist,
    "standard": _standard,
    "questions": _questions,
    "location": _location,
    "article": _article,
}


def _image(name: str) -> Image:
    drawing = pictures.DRAWINGS[name]
    found = Image.objects.filter(title=drawing.title).first()
    if found:
        return found
    file = ContentFile(pictures.png(drawing), f"{name}.png")
    image = Image.objects.create(title=drawing.title, description=drawing.alt, file=file)
    draw(image)
    return image
