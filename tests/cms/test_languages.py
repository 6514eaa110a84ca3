"""A page answers in the language of its address, knows its translations, and mixes nothing."""

import re
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.test.utils import override_settings
from django.utils import translation
from wagtail.models import Locale, PageViewRestriction

from cms import languages
from cms.elsewhere import html_of
from cms.models import ArticlePage, BasePage, HomePage, PolicyText, ServicePage, TherapistPage
from cms.tree import ensure_tree
from portal.templatetags import portal_ui

SITE = settings.SITE_URL
BUDGET = 12
THREE = [("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français")]
ALTERNATE = re.compile(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">')
SWITCH = re.compile(r'<a href="([^"]+)" lang="([^"]+)" hreflang="[^"]+"( aria-current="true")?>')
MIX = {"/de/", "/de/magazin/", "/de/magazin/iliotibialband/", "/de/behandlungen/sportmassage/"}


def _html(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def _alternates(html):
    return dict(ALTERNATE.findall(html))


# --- Addresses -----------------------------------------------------------------------------------
def test_the_default_language_has_the_addresses_it_always_had(client, demo):
    for path in ("/", "/journal/", "/journal/it-band/", "/treatments/sports-massage/"):
        html = _html(client, path)
        assert '<html lang="en-GB">' in html
        assert f'<link rel="canonical" href="{SITE}{path}">' in html


def test_another_language_has_its_code_in_front(client, demo):
    for path in MIX:
        html = _html(client, path)
        assert '<html lang="de">' in html
        assert f'<link rel="canonical" href="{SITE}{path}">' in html


@pytest.mark.parametrize("path", ["/en-gb/", "/en/", "/fr/", "/de/nirgends/", "/de/de/"])
def test_no_page_has_a_second_address(client, demo, path):
    assert client.get(path).status_code == 404


def test_the_browser_is_not_asked_which_language(client, demo):
    response = client.get("/", headers={"accept-language": "de"})

    assert '<html lang="en-GB">' in response.content.decode()
    assert "Accept-Language" not in response.get("Vary", "")
    assert not response.cookies


def test_booking_says_that_it_is_in_english(client, demo):
    assert '<html lang="en-GB">' in client.get("/book/").content.decode()


def test_a_german_page_may_be_cached_whole(client, demo):
    response = client.get("/de/")

    assert "public" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize(
    ("path", "language", "rest"),
    [
        ("/de/magazin/", "de", "/magazin/"),
        ("/de/", "de", "/"),
        ("/journal/", "en-gb", "/journal/"),
        ("/de", "en-gb", "/de"),
        ("/en-gb/journal/", "en-gb", "/en-gb/journal/"),
        ("/deutsch/", "en-gb", "/deutsch/"),
        ("/", "en-gb", "/"),
    ],
)
def test_the_first_part_of_a_path_is_its_language(path, language, rest):
    assert languages.split_address(path) == (language, rest)


# --- hreflang ------------------------------------------------------------------------------------
def test_translations_name_each_other_and_nobody_else(client, demo):
    said = {}
    for page in BasePage.objects.live().filter(depth__gte=2):
        said[f"{SITE}{page.url.removeprefix(SITE)}"] = _alternates(_html(client, page.url))

    assert sum(len(alternates) == 3 for alternates in said.values()) >= 30
    for url, alternates in said.items():
        assert url in alternates.values()
        for language, other in alternates.items():
            assert said[other] == alternates, (url, language)


def test_everybody_else_is_led_to_the_default_language(client, demo):
    alternates = _alternates(_html(client, "/de/magazin/macht-massage-schneller/"))

    assert alternates == {
        "en-GB": f"{SITE}/journal/does-massage-make-you-faster/",
        "de": f"{SITE}/de/magazin/macht-massage-schneller/",
        "x-default": f"{SITE}/journal/does-massage-make-you-faster/",
    }


def test_a_draft_and_a_private_translation_are_not_named(client, demo):
    german = ArticlePage.objects.get(slug="macht-massage-schneller")
    PageViewRestriction.objects.create(page=german, restriction_type="login")
    assert "de" not in _alternates(_html(client, "/journal/does-massage-make-you-faster/"))

    PageViewRestriction.objects.all().delete()
    german.unpublish()
    assert "de" not in _alternates(_html(client, "/journal/does-massage-make-you-faster/"))


# --- The switch ----------------------------------------------------------------------------------
def test_the_switch_leads_to_the_same_page_in_each_language_by_its_own_name(client, demo):
    html = _html(client, "/journal/it-band/")

    assert SWITCH.findall(html) == [
        ("/journal/it-band/", "en-GB", ' aria-current="true"'),
        ("/de/magazin/iliotibialband/", "de", ""),
    ]
    assert ">English</a>" in html
    assert ">Deutsch</a>" in html


def test_without_a_translation_the_switch_leads_to_the_home_page(client, demo):
    entries = SWITCH.findall(_html(client, "/journal/race-week/"))

    assert [address for address, _, _ in entries] == ["/journal/race-week/", "/de/"]


def test_a_missing_page_still_offers_the_other_language(client, demo):
    response = client.get("/de/nirgends/")
    html = response.content.decode()

    assert response.status_code == 404
    assert "Diese Seite liegt nicht an der Strecke." in html
    assert [address for address, _, _ in SWITCH.findall(html)] == ["/", "/de/"]


@override_settings(LANGUAGES=THREE[:1], WAGTAIL_CONTENT_LANGUAGES=THREE[:1])
def test_a_site_with_one_language_has_no_switch(client, demo):
    assert not SWITCH.findall(_html(client, "/"))


def test_a_language_whose_home_page_is_a_draft_is_not_offered(client, demo):
    HomePage.objects.get(locale__language_code="de").unpublish()

    assert not SWITCH.findall(_html(client, "/"))


# --- Fallback ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "goes_to"),
    [
        ("/de/journal/race-week/", f"{SITE}/journal/race-week/"),
        ("/de/journal/it-band/", "/de/magazin/iliotibialband/"),
        ("/de/cancellation-and-refunds/", "/de/absage-und-erstattung/"),
        ("/de/contact/", f"{SITE}/contact/"),
    ],
)
def test_an_address_of_the_default_language_leads_on(client, demo, path, goes_to):
    response = client.get(path)

    assert response.status_code == 302
    assert f"{SITE}{response['Location'].removeprefix(SITE)}" == (
        f"{SITE}{goes_to.removeprefix(SITE)}"
    )


@pytest.mark.parametrize("path", ["/de/journal/race-week/", "/de/journal/it-band/"])
def test_what_an_address_asks_for_is_led_on_with_it(client, demo, path):
    response = client.get(f"{path}?via=flyer&topic=rest")

    assert response["Location"].endswith("/?via=flyer&topic=rest")


def test_a_private_page_is_not_given_away_by_a_fallback(client, demo):
    page = ArticlePage.objects.get(slug="race-week")
    PageViewRestriction.objects.create(page=page, restriction_type="login")

    assert client.get("/de/journal/race-week/").status_code == 404


def test_a_treatment_and_a_person_without_a_translation_are_shown_and_marked(client, demo):
    ServicePage.objects.get(slug="sportmassage").unpublish()
    TherapistPage.objects.get(slug="joss-penrose", locale__language_code="de").unpublish()

    html = _html(client, "/de/behandlungen/")
    people = _html(client, "/de/team/")

    assert re.search(r'<h2[^>]* lang="en-GB"><a href="[^"]*/treatments/sports-massage/"', html)
    assert re.search(r'/therapists/joss-penrose/" hreflang="en-GB"', people)
    assert "hreflang" not in re.search(r"<a [^>]*imre-kovacs[^>]*>", people)[0]


def test_articles_without_a_translation_stand_apart_and_say_so(client, demo):
    html = _html(client, "/de/magazin/")
    own, others = html.split('id="untranslated"')

    assert "Das Iliotibialband" in own
    assert 'lang="en-GB"' not in own.split("<main")[1]
    assert others.count('class="h-small" lang="en-GB"') == 6
    assert "The IT band" not in html


# --- Lists ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/journal/", "/treatments/", "/therapists/imre-kovacs/"])
def test_nothing_german_is_in_an_english_list(client, demo, path):
    main = _html(client, path).split("<main")[1].split("<footer")[0]

    assert "/de/" not in main
    assert "Massage nach" not in main


def test_home_lists_the_articles_of_its_language(client, demo):
    main = _html(client, "/de/").split("<main")[1].split("<footer")[0]

    assert "/de/magazin/was-massage-nach-einem-harten-lauf-bewirkt/" in main
    assert "/journal/" not in main


def test_topics_are_those_of_the_language(client, demo):
    assert "Erholung" not in _html(client, "/journal/")
    assert ">Recovery<" not in _html(client, "/de/magazin/")


def test_feeds_keep_to_one_language(client, demo):
    english = client.get("/journal/feed/").content.decode()

    assert "The IT band" in english
    assert "Iliotibialband" not in english


def test_an_article_leads_to_the_author_in_its_language(client, demo):
    article = ArticlePage.objects.get(slug="macht-massage-schneller")
    article.author = TherapistPage.objects.get(slug="sana-iqbal", locale__language_code="en-gb")
    article.save()

    assert 'href="/de/team/sana-iqbal/' in _html(client, "/de/magazin/macht-massage-schneller/")


def test_a_person_shows_what_they_wrote_in_the_language_of_the_page(client, demo):
    html = _html(client, "/de/team/imre-kovacs/")

    assert "was-massage-nach-einem-harten-lauf-bewirkt" in html
    assert "/journal/" not in html.split("<main")[1].split("<footer")[0]


# --- Words, days and money -----------------------------------------------------------------------
def test_navigation_leads_through_the_language(client, demo):
    html = _html(client, "/de/")

    for address, words in (
        ("/de/behandlungen/", "Behandlungen"),
        ("/de/pakete/", "Pakete"),
        ("/de/magazin/", "Magazin"),
        ("/de/datenschutz/", "Datenschutz"),
        ("/de/absage-und-erstattung/", "Absage und Erstattung"),
    ):
        assert f'<a href="{address}">{words}</a>' in html


def test_days_and_money_are_said_as_in_the_language(client, demo):
    html = _html(client, "/de/pakete/").replace("\xa0", " ")

    assert "265 £" in html
    assert "53,00 £ je Termin" in html
    assert "Innerhalb von 12 Monaten einzulösen" in html
    article = _html(client, "/de/magazin/iliotibialband/").replace("\xa0", " ")
    assert "6. Okt. 2026" in article


def test_what_is_for_sale_and_has_no_german_name_is_marked(client, demo):
    html = _html(client, "/de/pakete/")

    assert '<span lang="en-GB">5 x 60 minutes</span>' in html  # not on the demo's price list
    assert "Sportmassage, 60 Minuten" in html


def test_english_days_and_money_stay_as_they_were():
    at = datetime(2026, 9, 2, 17, 30, tzinfo=UTC)

    assert portal_ui.plain_day(at, "UTC") == "Wed\xa02\xa0Sep"
    assert portal_ui.money_short(5800, "GBP") == "£58"
    assert portal_ui.money(5180, "GBP") == "£51.80"
    with translation.override("de"):
        assert portal_ui.plain_day(at, "UTC") == "Mi.,\xa02.\xa0Sept."
        assert portal_ui.plain_long_day(at, "UTC") == "Mittwoch, 2. September"
        assert portal_ui.money_short(5800, "GBP") == "58\xa0£"


def test_a_german_article_says_who_wrote_it_and_how_long_it_is_in_german(client, demo):
    article = ArticlePage.objects.get(slug="macht-massage-schneller")

    assert article.social_kicker.endswith("Min. Lesezeit")
    assert '"jobTitle": "Sportmassagetherapie"' in _html(client, article.url)
    article.body = [("package_offer", {"package": "five-60", "note": ""})]
    with translation.override("de"):
        assert f'href="{SITE}/de/pakete/"' in html_of(article)


# --- Speed ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", sorted(MIX))
def test_german_pages_ask_no_more_questions(client, demo, path, django_assert_max_num_queries):
    client.get(path)

    with django_assert_max_num_queries(BUDGET):
        client.get(path)


# --- Editors -------------------------------------------------------------------------------------
def test_a_page_is_copied_for_translation_as_a_draft_below_its_parent(client, demo):
    german = Locale.objects.get(language_code="de")
    page = ArticlePage.objects.get(slug="race-week")

    copy = page.copy_for_translation(german)

    assert copy.get_parent().slug == "magazin"
    assert not copy.live
    assert "de" not in _alternates(_html(client, "/journal/race-week/"))
    copy.save_revision().publish()
    assert "de" in _alternates(_html(client, "/journal/race-week/"))


def test_the_admin_offers_to_translate(admin_client, demo):
    page = ArticlePage.objects.get(slug="race-week")

    response = admin_client.get(f"/admin/translation/submit/page/{page.pk}/")

    assert "German" in response.content.decode() or "Deutsch" in response.content.decode()


def test_the_skeleton_is_of_the_default_language(demo):
    tree = ensure_tree()

    pages = (tree.home, tree.treatments, tree.packages, tree.journal, tree.therapists)
    assert {page.locale.language_code for page in pages} == {"en-gb"}
    assert HomePage.objects.count() == 2


@override_settings(LANGUAGES=THREE, WAGTAIL_CONTENT_LANGUAGES=THREE)
def test_a_third_language_is_a_setting_and_a_tree(client, demo):
    french = Locale.objects.create(language_code="fr")
    home = HomePage.objects.get(locale__language_code="en-gb")
    home.copy_for_translation(french).save_revision().publish()

    html = _html(client, "/fr/")

    assert '<html lang="fr">' in html
    assert [tag for _, tag, _ in SWITCH.findall(html)] == ["en-GB", "de", "fr"]


# --- Over the API --------------------------------------------------------------------------------
API = "/api/v1/content"


def test_the_api_finds_a_page_by_its_public_address_or_below_a_language(client, demo):
    by_address = client.get(f"{API}/by-path/", {"path": "/de/magazin/iliotibialband/"}).json()
    below = client.get(
        f"{API}/by-path/", {"path": "/magazin/iliotibialband/", "locale": "de"}
    ).json()

    assert by_address["id"] == below["id"]
    assert by_address["meta"]["locale"] == "de"
    assert by_address["meta"]["html_url"] == f"{SITE}/de/magazin/iliotibialband/"


def test_the_api_lists_by_language(client, demo):
    def titles(**query):
        return {each["title"] for each in client.get(f"{API}/articles/", query).json()["items"]}

    assert "Macht Massage schneller?" in titles(locale="de")
    assert not titles(locale="de") & titles()
    assert titles() == titles(locale="en-gb")


def test_the_api_gives_the_menus_of_a_language(client, demo):
    menus = client.get(f"{API}/navigation/", {"locale": "de"}).json()

    assert ("Magazin", f"{SITE}/de/magazin/") in {
        (each["label"], each["url"]) for each in menus["main"]
    }
    assert menus["small_print"][0]["label"] == "Absage und Erstattung"


def test_the_api_searches_in_a_language(client, demo):
    def found(**query):
        return client.get(f"{API}/search/", {"q": "massage", "limit": 50, **query}).json()["items"]

    german = found(locale="de")
    assert german
    assert all(each["url"].startswith(f"{SITE}/de/") for each in german)
    assert {"Artikel"} <= {each["kind"] for each in german}
    assert not any(each["url"].startswith(f"{SITE}/de/") for each in found())
    assert found() == found(locale="en-gb")


@pytest.mark.parametrize("path", ["articles/", "navigation/", "by-path/?path=/", "search/?q=a"])
def test_a_language_the_site_does_not_speak_is_refused(client, demo, path):
    joined = "&" if "?" in path else "?"

    assert client.get(f"{API}/{path}{joined}locale=xx").status_code in (400, 422)


# --- Around the pages -----------------------------------------------------------------------------
def test_an_admin_in_other_english_sees_the_addresses_of_the_site(demo):
    page = ArticlePage.objects.get(slug="race-week")

    with translation.override("en"):
        assert page.full_url == f"{SITE}/journal/race-week/"


@pytest.mark.parametrize("path", ["/de/search/?q=massage", "/de/journal/feed/"])
def test_search_and_feed_of_a_language_keep_to_it_and_may_be_cached(client, demo, path):
    response = client.get(path)
    html = response.content.decode().split("<main")[-1].split("<footer")[0]

    assert "Massage" in html
    assert f"{SITE}/journal/" not in html
    assert 'href="/journal/' not in html
    assert "public" in response["Cache-Control"]


def test_the_english_search_finds_nothing_german(client, demo):
    assert (
        "/de/"
        not in client.get("/search/?q=massage")
        .content.decode()
        .split("<main")[1]
        .split("<footer")[0]
    )


def test_the_sitemap_knows_the_translations(client, demo):
    xml = client.get("/sitemap.xml").content.decode()

    assert f"<loc>{SITE}/de/magazin/iliotibialband/</loc>" in xml
    assert f'hreflang="de" href="{SITE}/de/magazin/iliotibialband/"' in xml


def test_a_preview_of_a_german_page_speaks_german(demo):
    page = ArticlePage.objects.get(slug="iliotibialband")

    response = page.make_preview_request()
    if hasattr(response, "render"):
        response.render()

    assert '<html lang="de">' in response.content.decode()
    assert translation.get_language() == "en-gb"


# --- Policies ------------------------------------------------------------------------------------
def test_policies_are_read_in_the_language_of_the_address(client, demo):
    texts = PolicyText.objects.filter(code="cancellation")
    german, english = texts.get(language="de"), texts.get(language="en-gb")

    listed = _html(client, "/de/policies/")
    assert "Unsere Regelungen" in listed
    assert german.title in listed
    now = _html(client, "/de/policies/cancellation/")
    assert f"Fassung {german.number}" in now
    assert german.html in now
    assert english.html in _html(client, "/policies/cancellation/")


def test_a_version_of_a_policy_has_one_address_whatever_is_spoken(client, demo):
    german = PolicyText.objects.get(code="cancellation", language="de")
    address = f"/de/policies/cancellation/{german.number}/"

    assert german.get_absolute_url() == address
    for path in (address, address.removeprefix("/de")):
        assert f'<link rel="canonical" href="{SITE}{address}">' in _html(client, path)
    with translation.override("de"):
        german.effective_on = date(2026, 12, 2)
        assert german.starts_words == "2. Dezember 2026."
