"""The demo's site: pages of a practice, written by us. Loading it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.images.models import Image

from cms.demo_content import pictures
from cms.demo_content.building import body_of, picture_block, sources_of
from cms.demo_content.markup import Document, read
from cms.demo_policies import load_policies
from cms.models import ArticlePage, BasePage, ServicePage, StandardPage, TherapistPage
from cms.renditions import draw
from cms.tree import Tree, add_page, ensure_tree

if TYPE_CHECKING:
    from accounts.models import User

HERE = Path(__file__).parent / "demo_content"
STEPS = [
    ("Pick a time", "The times you see are free. A tap holds one for ten minutes."),
    ("Say who you are", "Name and email, then a code from your mail. No password."),
    ("Pay by card", "One session or several. Several cost less for each."),
    ("Come as you are", "Shorts, water, and the story of the knee. We do the rest."),
]
HOME_QUESTIONS = [
    ("Does it hurt?", "It should stay under six out of ten. Say so and we ease off at once."),
    ("Can I cancel?", "Free until 24 hours before. The exact moment is on your booking."),
    ("Race on Sunday: when do I come?", "Tuesday or Wednesday, and kept light."),
]


@dataclass(frozen=True, slots=True)
class _Loading:
    tree: Tree
    at: datetime
    by: User | None

    def day(self, days_ago: str) -> date:
        return timezone.localdate(self.at) - timedelta(days=int(days_ago))

    def add(self, parent: BasePage, page: Any) -> Any:
        page.owner = self.by
        return add_page(parent, page)


@transaction.atomic
def load_demo_content(*, at: datetime, by: User | None) -> None:
    """Make what is missing of the demo's site; `by` owns it, dates count back from `at`.

    A page that is there already is left as it is, edited or not.
    """
    loading = _Loading(ensure_tree(), at, by)
    load_policies(loading.tree.home, by=by)
    for document in _documents("pages"):
        _LOADERS[document.facts["type"]](loading, document)
    for document in _documents("articles"):
        _article(loading, document)
    _front_door(loading)


def _documents(folder: str) -> Iterator[Document]:
    documents = [read(file) for file in sorted((HERE / folder).glob("*.txt"))]
    # The newest article comes first, as others link to it.
    return iter(sorted(documents, key=lambda each: int(each.facts.get("days_ago", "0"))))


def _is_there(parent: BasePage, slug: str) -> bool:
    return bool(parent.get_children().filter(slug=slug).exists())


def _service(loading: _Loading, document: Document) -> None:
    facts, parent = document.facts, loading.tree.treatments
    if _is_there(parent, facts["slug"]):
        return
    page = ServicePage(
        title=facts["title"],
        slug=facts["slug"],
        service_code=facts["service"],
        feeling=facts["feeling"],
        spot=facts["spot"],
        intro=facts["intro"],
        body=body_of(document.pieces, loading.tree.home),
    )
    loading.add(parent, page)


def _therapist(loading: _Loading, document: Document) -> None:
    facts, parent = document.facts, loading.tree.therapists
    if _is_there(parent, facts["slug"]):
        return
    page = TherapistPage(
        title=facts["title"],
        slug=facts["slug"],
        therapist_code=facts["therapist"],
        runs=facts["runs"],
        training=facts["training"],
        register_number=facts["register_number"],
        intro=facts["intro"],
        body=body_of(document.pieces, loading.tree.home),
    )
    loading.add(parent, page)


def _standard(loading: _Loading, document: Document) -> None:
    facts, parent = document.facts, loading.tree.home
    if _is_there(parent, facts["slug"]):
        return
    days_ago = facts.get("changed_days_ago")
    page = StandardPage(
        title=facts["title"],
        slug=facts["slug"],
        intro=facts["intro"],
        changed_on=loading.day(days_ago) if days_ago else None,
        body=body_of(document.pieces, loading.tree.home),
    )
    loading.add(parent, page)


_LOADERS = {"service": _service, "therapist": _therapist, "standard": _standard}


def _article(loading: _Loading, document: Document) -> None:
    facts, parent = document.facts, loading.tree.journal
    if _is_there(parent, facts["slug"]):
        return
    body = body_of(document.pieces, loading.tree.home)
    if "picture" in facts:
        drawing = pictures.DRAWINGS[facts["picture"]]
        body.insert(3, picture_block(_image(facts["picture"]), drawing.alt, facts["caption"]))
    page = ArticlePage(
        title=facts["title"],
        slug=facts["slug"],
        subtitle=facts["subtitle"],
        intro=facts["intro"],
        author=TherapistPage.objects.filter(therapist_code=facts["author"]).first(),
        published_on=loading.day(facts["days_ago"]),
        hero_image=_image(facts["hero"]) if "hero" in facts else None,
        hero_alt=facts.get("hero_alt", ""),
        body=body,
        sources=sources_of(document.pieces),
    )
    page.tags.set(facts["tags"].split(", "))
    loading.add(parent, page)


def _image(name: str) -> Image:
    drawing = pictures.DRAWINGS[name]
    found = Image.objects.filter(title=drawing.title).first()
    if found:
        return found
    file = ContentFile(pictures.png(drawing), f"{name}.png")
    image = Image.objects.create(title=drawing.title, description=drawing.alt, file=file)
    draw(image)
    return image


def _front_door(loading: _Loading) -> None:
    """Words for the home page and the lists, unless somebody wrote some already."""
    home = loading.tree.home
    if home.steps:
        return
    home.package = "five-60"
    home.intro = "Sports massage by therapists who run. Pick a time, pay, done: under a minute."
    home.search_description = (
        "Sports massage in Bristol by therapists who run. Real free times, clear prices, "
        "free cancellation until 24 hours before."
    )
    home.social_image = _image("bend")
    home.steps = [("step", {"title": title, "text": text}) for title, text in STEPS]
    items = [{"question": ask, "answer": f"<p>{answer}</p>"} for ask, answer in HOME_QUESTIONS]
    home.questions = [("faq", {"title": "Asked before the first time", "items": items})]
    home.save_revision(user=loading.by).publish(user=loading.by)
