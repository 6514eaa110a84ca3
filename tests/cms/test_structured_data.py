"""JSON-LD on every type of page, held against a table of what its readers demand.

The table follows schema.org and Google's pages on each type (Article, Breadcrumb, FAQ, Local
business, Sitelinks search box, Offer): what is required, and what is recommended and ours to give.
"""

import json
import re
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from cms.models import StandardPage
from cms.tree import add_page
from tests.cms.conftest import FIVE

SCRIPTS = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def text(value):
    assert isinstance(value, str)
    assert value.strip() == value
    assert value
    assert "<" not in value


def url(value):
    assert re.fullmatch(r"https?://[^\s{}<>]+", value), value


def template(value):
    assert value.count("{search_term_string}") == 1


def day(value):
    date.fromisoformat(value[:10])
    if len(value) > 10:
        assert datetime.fromisoformat(value).tzinfo


def clock(value):
    time.fromisoformat(value)


def money(value):
    assert re.fullmatch(r"\d+\.\d\d", value)
    assert Decimal(value) > 0


def currency(value):
    assert re.fullmatch(r"[A-Z]{3}", value)


def phone(value):
    assert re.fullmatch(r"\+\d{8,15}", value)


def number(value):
    assert isinstance(value, (int, float))


def precise(value):
    assert len(str(value).partition(".")[2]) >= 5, "Google asks for five decimals"


def schema_word(value):
    assert re.fullmatch(r"https://schema\.org/[A-Z]\w+", value)


def texts(value):
    for each in value:
        text(each)


# Type: {property: what it must be}. A name ending in ? may be missing.
TABLE = {
    "Article": {
        "headline": text, "description": text, "image": url, "datePublished": day,
        "dateModified": day, "author": "Person", "publisher": "Organization",
        "mainEntityOfPage": url, "wordCount": number, "keywords?": texts, "citation?": texts,
    },
    "Person": {
        "name": text, "url": url, "jobTitle": text, "description?": text, "image?": url,
        "worksFor?": "Organization", "hasCredential?": "EducationalOccupationalCredential",
    },
    "EducationalOccupationalCredential": {"name": text},
    "Organization": {"name": text, "url": url},
    "BreadcrumbList": {"itemListElement": ["ListItem"]},
    "ListItem": {"position": number, "name": text, "item": url},
    "FAQPage": {"mainEntity": ["Question"]},
    "Question": {"name": text, "acceptedAnswer": "Answer"},
    "Answer": {"text": text},
    "Service": {
        "name": text, "description": text, "url": url, "serviceType": text, "areaServed": text,
        "provider": "Organization", "offers": ["Offer"],
    },
    "Offer": {
        "name": text, "price": money, "priceCurrency": currency, "availability": schema_word,
        "url": url,
    },
    "HealthAndBeautyBusiness": {
        "name": text, "image": url, "telephone": phone, "address": "PostalAddress",
        "openingHoursSpecification": ["OpeningHoursSpecification"],
        "url?": url, "description?": text, "email?": text, "geo?": "GeoCoordinates",
        "priceRange?": text, "department?": ["HealthAndBeautyBusiness"],
    },
    "PostalAddress": {
        "streetAddress": text, "addressLocality": text, "addressCountry": text, "postalCode?": text,
    },
    "GeoCoordinates": {"latitude": precise, "longitude": precise},
    "OpeningHoursSpecification": {"dayOfWeek": schema_word, "opens": clock, "closes": clock},
    "WebSite": {
        "name": text, "url": url, "publisher": "Organization", "potentialAction": "SearchAction",
    },
    "SearchAction": {"target": "EntryPoint", "query-input": text},
    "EntryPoint": {"urlTemplate": template},
}  # fmt: skip


def check(data, kind=None, *, top=True):
    """Hold a value against the table, and what is inside it as well."""
    found = data["@type"]
    assert kind in (None, found), (kind, found)
    if top:
        assert data["@context"] == "https://schema.org"
    wanted = TABLE[found]
    for name, rule in wanted.items():
        bare = name.removesuffix("?")
        if bare not in data:
            assert name.endswith("?"), f"{found} without {bare}"
        elif isinstance(rule, list):
            assert data[bare], f"{found}.{bare} is empty"
            for each in data[bare]:
                check(each, rule[0], top=False)
        elif isinstance(rule, str):
            check(data[bare], rule, top=False)
        else:
            rule(data[bare])
    unknown = set(data) - {name.removesuffix("?") for name in wanted} - {"@type", "@context", "@id"}
    assert not unknown, f"{found} has {unknown}"


def data_of(client, path):
    html = client.get(path).content.decode()
    found = [json.loads(each) for each in SCRIPTS.findall(html)]
    kinds = [each["@type"] for each in found]
    assert len(kinds) == len(set(kinds)), kinds
    return {each["@type"]: each for each in found}


FAQ = (
    "faq",
    {"title": "", "items": [{"question": "Hurt?", "answer": "<p>No &amp; <b>no</b>.</p>"}]},
)


@pytest.fixture
def site(tree, write, sports_page, sana, picture):
    write("Calves", tags=["calves"], hero_image=picture, body=[("prose", "<p>Words.</p>"), FAQ])
    write("Shins", author=sana)
    add_page(tree.home, StandardPage(title="Questions", slug="questions", body=[FAQ]))
    tree.home.questions = [FAQ]
    tree.home.save_revision().publish()
    sana.training, sana.photo = "Level 5, sports massage", picture
    sana.save_revision().publish()


PAGES = {
    "/": {"HealthAndBeautyBusiness", "WebSite", "FAQPage"},
    "/journal/": {"BreadcrumbList"},
    "/journal/calves/": {"Article", "BreadcrumbList", "FAQPage"},
    "/journal/shins/": {"Article", "BreadcrumbList"},
    "/treatments/": {"BreadcrumbList"},
    "/treatments/sports-massage/": {"Service", "BreadcrumbList"},
    "/packages/": {"Service", "BreadcrumbList"},
    "/therapists/": {"BreadcrumbList"},
    "/therapists/sana-iqbal/": {"Person", "BreadcrumbList"},
    "/questions/": {"FAQPage", "BreadcrumbList"},
}


@pytest.mark.parametrize("path", PAGES)
def test_every_type_of_page_says_what_it_is_and_says_it_validly(client, site, path):
    found = data_of(client, path)

    assert set(found) == PAGES[path]
    for data in found.values():
        check(data)


def test_prices_are_those_of_the_moment(client, site, shop):
    from dataclasses import replace

    def prices():
        return [each["price"] for each in data_of(client, "/packages/")["Service"]["offers"]]

    assert prices() == ["265.00"]
    shop.packages["five-60"] = replace(FIVE, price_minor=28050)
    assert prices() == ["280.50"]
    shop.packages.clear()
    assert "Service" not in data_of(client, "/packages/")


def test_the_practice_is_where_and_when_the_diary_says(client, site):
    practice = data_of(client, "/")["HealthAndBeautyBusiness"]

    assert practice["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "3 Harbour Yard",
        "addressLocality": "Bristol",
        "postalCode": "BS1 5DB",
        "addressCountry": "GB",
    }
    assert practice["openingHoursSpecification"][1] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "https://schema.org/Saturday",
        "opens": "08:00",
        "closes": "14:00",
    }
    assert practice["priceRange"] == "34.00 to 58.00 GBP"
    assert practice["department"][0]["name"] == "Massage for Runners, Velodrome"


def test_answers_are_plain_words(client, site):
    [question] = data_of(client, "/questions/")["FAQPage"]["mainEntity"]

    assert question["acceptedAnswer"]["text"] == "No & no."


def test_the_trail_ends_at_the_page_and_counts_from_one(client, site):
    steps = data_of(client, "/journal/calves/")["BreadcrumbList"]["itemListElement"]

    assert [step["position"] for step in steps] == [1, 2, 3]
    assert steps[-1]["item"] == "http://localhost:8000/journal/calves/"
