"""A small site whose offers are fixed, so that content is tested without commerce."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image as PillowImage
from wagtail.images.models import Image

from cms import live
from cms.demo import load_demo_content
from cms.demo_content import pictures
from cms.models import ArticlePage, ServicePage, TherapistPage
from cms.tree import add_page, ensure_tree
from payments.offers import PackageOffer, ServiceOffer, VariantOffer
from scheduling.opening import OpenDay, Place
from tests.builders import make_policy


@dataclass(frozen=True)
class Time:
    starts_at: datetime
    therapist_name: str = "Sana Iqbal"
    therapist_code: str = "sana"
    location_name: str = "Harbour"
    location_code: str = "harbour"
    hold_url: str = "/book/hold/"
    hold_fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Times:
    variant_name: str
    variant_code: str
    price_minor: int
    currency: str
    zone: str
    times: tuple[Time, ...]


@dataclass(frozen=True)
class Named:
    code: str
    name: str


SIXTY = VariantOffer("sports-massage-60", "Sports massage, 60 minutes", 60, 5800, "GBP")
THIRTY = VariantOffer("sports-massage-30", "Sports massage, 30 minutes", 30, 3400, "GBP")
SPORTS = ServiceOffer("sports-massage", "Sports massage", "For legs.", (THIRTY, SIXTY), 3400, "GBP")
FIVE = PackageOffer(
    code="five-60",
    name="5 x 60 minutes",
    units=5,
    price_minor=26500,
    currency="GBP",
    price_each_minor=5300,
    saving_minor=2500,
    covers=("Sports massage, 60 minutes",),
    variant_codes=("sports-massage-60",),
    validity_days=365,
    buy_url="/packages/five-60/buy/",
)
PLACES = (
    Place(
        "harbour", "Harbour Yard", ("3 Harbour Yard", "Bristol BS1 5DB"), "", "Europe/London",
        (OpenDay(1, ((time(7), time(20, 30)),)), OpenDay(6, ((time(8), time(14)),))),
    ),
    Place(
        "velodrome", "Velodrome", ("Track Lane", "Bristol"), "", "Europe/London",
        (OpenDay(2, ((time(9), time(17)),)),),
    ),
)  # fmt: skip
DEMO_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SLOT = datetime(2026, 12, 2, 17, 30, tzinfo=UTC)


@dataclass
class Shop:
    """What is on offer; a test takes things out or changes them."""

    packages: dict[str, Any]
    services: dict[str, Any]
    times: Any
    asked: list[live.Wanted] = field(default_factory=list)


@pytest.fixture
def shop(monkeypatch):
    fields = {
        "variant": "sports-massage-60", "location": "harbour", "therapist": "sana",
        "slot": SLOT.isoformat(),
    }  # fmt: skip
    times = Times(
        SIXTY.name, SIXTY.code, 5800, "GBP", "Europe/London",
        (Time(SLOT, hold_fields=fields),),
    )  # fmt: skip
    shop = Shop({"five-60": FIVE}, {"sports-massage": SPORTS}, times)

    def next_times(wanted, count):
        shop.asked.append(wanted)
        return shop.times

    monkeypatch.setattr(live, "_packages", lambda: dict(shop.packages))
    monkeypatch.setattr(live, "_package", lambda code: None)
    monkeypatch.setattr(live, "_services", lambda: dict(shop.services))
    monkeypatch.setattr(live, "_therapists", lambda: {"sana": Named("sana", "Sana Iqbal")})
    monkeypatch.setattr(live, "_locations", lambda: {"harbour": Named("harbour", "Harbour")})
    monkeypatch.setattr(live, "_places", lambda: list(PLACES))
    monkeypatch.setattr(live, "_next_times", next_times)
    return shop


@pytest.fixture
def tree(db, shop):
    return ensure_tree()


@pytest.fixture
def editor(client, tree, django_user_model):
    """Somebody who may publish, signed in."""
    user = django_user_model.objects.create(email="edith@example.com", name="Edith", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


@pytest.fixture
def sana(tree):
    page = TherapistPage(
        title="Sana Iqbal", slug="sana-iqbal", therapist_code="sana", runs="Half marathons"
    )
    return add_page(tree.therapists, page)


@pytest.fixture
def sports_page(tree):
    page = ServicePage(
        title="Sports massage", slug="sports-massage", service_code="sports-massage",
        intro="For legs that are about to do something, or just did.",
    )  # fmt: skip
    return add_page(tree.treatments, page)


@pytest.fixture
def write(tree, sana):
    """Publish an article; `body` is a list of (block type, value)."""

    def write(title="Calves in week six", *, body=None, tags=(), live=True, **fields):
        page = ArticlePage(
            title=title,
            intro=fields.pop("intro", "Why calves tighten."),
            author=fields.pop("author", sana),
            published_on=fields.pop("published_on", date(2026, 11, 18)),
            body=body or [("prose", "<p>Six weeks into a plan.</p>")],
            **fields,
        )
        page.tags.set(tags) if tags else None
        add_page(tree.journal, page)
        if not live:
            page.unpublish()
            page.refresh_from_db()
        return page

    return write


@pytest.fixture(scope="module")
def loaded_demo(django_db_setup, django_db_blocker):
    """The demo's pages, loaded once for a module and taken back after it.

    Its pictures are small: drawing the real ones takes seconds.
    """
    small = BytesIO()
    PillowImage.new("RGB", (160, 90)).save(small, "PNG")
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patched,
        transaction.atomic(),
    ):
        patched.setattr(pictures, "png", lambda drawing: small.getvalue())
        make_policy("standard")
        load_demo_content(at=DEMO_NOON, by=None)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded_demo, db, shop):
    """The demo's site, to be changed as a test likes."""


@pytest.fixture
def picture(db):
    image = PillowImage.new("RGB", (1600, 900), "#0f3d36")
    data = BytesIO()
    image.save(data, "PNG")
    return Image.objects.create(title="Lanes", file=ContentFile(data.getvalue(), "lanes.png"))
