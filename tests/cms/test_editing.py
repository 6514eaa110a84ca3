"""An editor writes, previews and publishes in the admin."""

from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.models import ArticlePage


def form(picture, **changed):
    body = [
        ("heading", {"text": "Why", "number": "", "level": "2"}),
        ("prose", rich_text("<p>Because of the soleus.</p>")),
        (
            "picture",
            {
                "image": {"image": str(picture.pk), "alt_text": "Lanes", "decorative": ""},
                "caption": "A bend",
            },
        ),
        (
            "next_times",
            {
                "title": "Soon",
                "service": "sports-massage",
                "variant": "",
                "location": "",
                "therapist": "sana",
            },
        ),
        ("package_offer", {"package": "five-60", "note": ""}),
    ]
    fields = {
        "title": "Calves",
        "slug": "calves",
        "subtitle": "",
        "intro": "Why calves tighten.",
        "author": "",
        "author_name": "Edith",
        "published_on": "2026-11-20",
        "tags": "calves",
        "hero_image": "",
        "hero_alt": "",
        "body": streamfield(body),
        "sources": streamfield([]),
        "seo_title": "",
        "search_description": "",
        "social_image": "",
        "go_live_at": "",
        "expire_at": "",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
    }
    return nested_form_data({**fields, **changed})


def add_url(tree):
    return f"/admin/pages/add/cms/articlepage/{tree.journal.pk}/"


def test_an_editor_writes_previews_and_publishes_an_article(client, tree, editor, picture):
    assert client.get(add_url(tree)).status_code == 200
    client.post(add_url(tree), form(picture))
    page = ArticlePage.objects.get()
    assert not page.live

    edit = f"/admin/pages/{page.pk}/edit/"
    preview = f"{edit}preview/"
    assert client.post(preview, form(picture, title="Calves, again")).json()["is_valid"]
    seen = client.get(preview).content.decode()
    assert "Calves, again" in seen
    assert "£265" in seen
    assert 'action="/book/hold/"' in seen
    assert ArticlePage.objects.get().title == "Calves"

    client.post(edit, form(picture) | {"action-publish": "action-publish"})

    client.logout()
    html = client.get("/journal/calves/").content.decode()
    assert "Because of the soleus." in html
    assert 'alt="Lanes"' in html
    assert "Soon" in html
    assert "£265" in html


def test_an_image_needs_words_before_it_is_published(client, tree, editor, picture):
    body = [("picture", {"image": {"image": str(picture.pk), "alt_text": "", "decorative": ""},
                         "caption": ""})]  # fmt: skip

    response = client.post(
        add_url(tree),
        form(picture, body=streamfield(body)) | {"action-publish": "action-publish"},
    )

    assert response.status_code == 200
    assert "add some alt text" in response.content.decode()
    assert not ArticlePage.objects.filter(live=True).exists()


def test_the_choices_of_a_block_are_what_is_on_offer_now(client, tree, editor, shop):
    html = client.get(add_url(tree)).content.decode()

    assert "5 x 60 minutes" in html
    shop.packages.clear()
    assert "5 x 60 minutes" not in client.get(add_url(tree)).content.decode()


def test_the_editors_home_asks_nothing_of_other_hosts(client, tree, editor):
    html = client.get("/admin/").content.decode()

    for host in ["gravatar.com", "releases.wagtail.org", "wagtail.org/static"]:
        assert host not in html


def test_somebody_without_rights_is_sent_to_sign_in(client, tree, django_user_model):
    client.force_login(django_user_model.objects.create(email="ola@example.com"))

    assert client.get(add_url(tree)).status_code in (302, 403)


def test_only_fitting_pages_are_offered_below_the_journal(client, tree, editor):
    html = client.get(f"/admin/pages/{tree.journal.pk}/add_subpage/", follow=True)

    assert html.redirect_chain[-1][0] == add_url(tree)


def test_no_page_may_run_inline_scripts_the_admin_neither(client, tree, editor):
    for page in ("/admin/", "/"):
        assert "'unsafe-inline'" not in client.get(page)["Content-Security-Policy"]
