"""The skeleton of the site: home and the index pages, made where they are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.conf import settings
from wagtail.models import Locale, Site

from cms.models import (
    ArticleIndexPage,
    BasePage,
    HomePage,
    PackagesPage,
    ServiceIndexPage,
    TherapistIndexPage,
)

P = TypeVar("P", bound=BasePage)


@dataclass(frozen=True, slots=True)
class Tree:
    """The pages that every other page hangs from."""

    home: HomePage
    treatments: ServiceIndexPage
    packages: PackagesPage
    journal: ArticleIndexPage
    therapists: TherapistIndexPage


INTROS = {
    "treatments": "Say how your legs feel; we suggest what helps.",
    "packages": "Several sessions at once cost less for each.",
    "journal": "What we learn at the table and on the run.",
    "therapists": "Sports massage by people who run.",
}


def ensure_tree() -> Tree:
    """The skeleton in the default language; what is missing is made, the rest is left as it is."""
    home = _homes().first() or _make_home()
    return Tree(
        home=home,
        treatments=_index(home, ServiceIndexPage, "treatments"),
        packages=_index(home, PackagesPage, "packages"),
        journal=_index(home, ArticleIndexPage, "journal"),
        therapists=_index(home, TherapistIndexPage, "therapists"),
    )


def journal() -> ArticleIndexPage | None:
    """The journal in the default language, if there is one; nothing is made."""
    journals = ArticleIndexPage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
    return cast("ArticleIndexPage | None", journals.order_by("path").first())


def _index(home: HomePage, model: type[P], slug: str) -> P:
    """The one page of its kind, whatever an editor has called it since."""
    found = model.objects.child_of(home).order_by("path").first()
    fields = {"title": slug.capitalize(), "intro": INTROS[slug], "show_in_menus": True}
    return cast("P", found) if found else child(home, model, slug, **fields)


def child(parent: BasePage, model: type[P], slug: str, **fields: Any) -> P:
    """The page of this type and slug under `parent`, made and published if it is missing."""
    found = model.objects.child_of(parent).filter(slug=slug).first()
    return cast("P", found) if found else add_page(parent, model(slug=slug, **fields))


def add_page(parent: BasePage, page: P) -> P:
    """Add a live page with its first revision, as an editor's publishing would leave it."""
    parent.refresh_from_db()
    parent.add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def _homes() -> Any:
    return HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)


def _make_home() -> HomePage:
    code = settings.LANGUAGE_CODE
    Locale.objects.get_or_create(language_code=code)
    root = BasePage.get_first_root_node() or BasePage.add_root(
        instance=BasePage(title="Root", slug="root", locale=Locale.objects.get(language_code=code))
    )
    home = add_page(root, HomePage(title=settings.WAGTAIL_SITE_NAME, slug="home-page"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "root_page": home}
    )
    return home
