"""From an article to the chair, over HTTP: link, package, order, session, report (U3)."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.signing import Signer
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from cms.models import ArticlePage, BasePage
from cms.tree import add_page, ensure_tree
from payments.attributing import page_of, signed, source_of
from payments.invariants import Span
from payments.models import CreditLot, Gift, Order, RefundRequest
from payments.selling import fulfil
from portal.attribution import article_lines
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.day import complete
from scheduling.models import Booking
from tests.builders import make_order, make_runner, make_staff, pay_at_the_desk
from tests.payments.refunds import make_bookkeeper
from tests.practice import open_practice
from tests.scheduling.web.conftest import Visit

FROM_US = {"HTTP_SEC_FETCH_SITE": "same-origin"}
PLACES = (
    ("prose", '<p>Book <a href="/book/">a session</a> or look at <a href="/packages/">these</a>'
     ' or <a href="https://example.org/book/">theirs</a>.</p>'),
    ("package_offer", {"package": "five-60", "note": ""}),
    ("next_times", {"title": "Next free times", "service": "deep"}),
)  # fmt: skip


@pytest.fixture
def practice(db):
    return open_practice()


def write(title="Sore calves", body=PLACES) -> ArticlePage:
    page = ArticlePage(title=title, intro="Why.", body=list(body), published_on=date(2026, 3, 1))
    return add_page(ensure_tree().journal, page)


@pytest.fixture
def article(practice):
    return write()


def links(html: str, start: str) -> list[str]:
    found = re.findall(r'href="([^"]+)"', html)
    return [link.replace("&amp;", "&") for link in found if link.startswith(start)]


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def form_fields(html: str, action: str) -> dict[str, str]:
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert found, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0]))


# the links -------------------------------------------------------------------------------------
def test_whatever_leads_to_booking_or_buying_carries_the_article(client, article):
    html = read(client, "/journal/sore-calves/")
    token = signed(article.pk)

    assert f"/packages/five-60/buy/?via={token}" in links(html, "/packages/")
    assert f"/packages/?via={token}" in links(html, "/packages/")
    assert f"/book/?via={token}" in links(html, "/book/")
    assert f"/book/deep-60/?via={token}" in links(html, "/book/")
    assert form_fields(html, "/book/hold/")["via"] == token
    assert 'href="https://example.org/book/"' in html
    assert 'rel="canonical" href="http://localhost:8000/journal/sore-calves/"' in html
    assert not [link for link in links(html, "/journal/") if "via=" in link]


def test_the_menus_lead_to_clean_addresses_but_booking(client, article):
    html = read(client, "/journal/sore-calves/")
    around = re.sub(r"<main.*?</main>", "", html, flags=re.DOTALL)
    assert {link for link in links(around, "/") if "via=" in link} <= set(links(around, "/book/"))


def test_it_is_the_same_page_for_everybody_and_any_cache_keeps_it(article):
    first, second = Client().get("/journal/sore-calves/"), Client().get("/journal/sore-calves/")
    assert first.content == second.content
    assert first["ETag"] == second["ETag"]
    assert "public" in first["Cache-Control"]
    assert not first.cookies
    through = f"/packages/?via={signed(article.pk)}"
    passed_on = Client().get(through)
    assert "public" in passed_on["Cache-Control"]
    again = Client().get(through, headers={"If-None-Match": passed_on["ETag"]})
    assert again.status_code == 304


def test_a_page_reached_from_an_article_passes_it_on(client, article):
    token = signed(article.pk)
    html = read(client, f"/packages/?via={token}")
    assert f"/packages/five-60/buy/?via={token}" in links(html, "/packages/")
    assert 'rel="canonical" href="http://localhost:8000/packages/"' in html
    assert "via=" not in read(client, "/packages/")


def test_a_forged_token_is_passed_on_by_nobody(client, article):
    for forged in (
        "41",
        f"{article.pk}.abc",
        f"{article.pk + 1}.{signed(article.pk)[2:]}",
        "x" * 500,
    ):
        assert "via=" not in read(client, f"/packages/?via={forged}")


def test_an_article_is_read_with_as_many_queries_as_before(
    client, article, django_assert_max_num_queries
):
    page = write("Plain", [("prose", '<p><a href="/book/">Book</a></p>')])
    client.get("/journal/plain/")
    with django_assert_max_num_queries(12):
        html = read(client, "/journal/plain/")
    assert signed(page.pk) in html


# tokens ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("page_id", [1, 41, 10**12])
def test_a_token_says_its_page_and_nothing_about_people(page_id):
    assert page_of(signed(page_id)) == page_id
    assert signed(page_id) == signed(page_id)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "41",
        "41.",
        ".41",
        "41.aaaa",
        Signer(sep=".", salt="payments.attributing", key="another site").sign("41"),
        Signer(sep=".", salt="something.else").sign("41"),
        Signer(sep=".", salt="payments.attributing").sign("41; DROP"),
        "41\x00.aaaa",
        "9" * 90,
    ],
)
def test_what_we_did_not_sign_is_no_token(token, db):
    assert page_of(token) is None
    assert source_of(token).page_id is None


# the whole way ------------------------------------------------------------------------------------
@pytest.fixture
def editor(db):
    staff = make_staff("edda@example.org", "Edda Wright")
    staff.groups.add(Group.objects.get(name="Editors"))
    return staff


def report_rows(user: User, query: str = "") -> list[dict[str, str]]:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/admin/reports/articles/?export=csv{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_from_the_article_to_euros_and_sessions(shop_today, practice, article, editor):
    client = shop_today.client
    html = read(client, "/journal/sore-calves/")
    [buy] = [link for link in links(html, "/packages/five-60/buy/") if "via=" in link][:1]
    page = read(client, buy)
    [sign_in] = [link for link in links(page, "/accounts/") if "next=" in link][:1]
    assert "via%3D" in sign_in  # it is still there after signing in
    runner = make_runner("ana@example.org")
    client.force_login(runner)
    fields = form_fields(read(client, buy), "/packages/five-60/buy/")
    assert client.post("/packages/five-60/buy/", {"via": fields["via"]}).status_code == 303

    order = Order.objects.get()
    assert (order.article_id, order.article_title) == (article.pk, "Sore calves")
    assert order.source_page == "/journal/sore-calves/"
    attempt = order.attempts.get()
    shop_today.sandbox.pay(attempt.stripe_session_id)
    fulfil(session_id=attempt.stripe_session_id, at=shop_today.at)

    at = datetime.now(UTC)
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(3), 10),
        therapist=practice.imre,
        hold_key="b",
        runner=runner,
        at=at,
    )
    booking = confirm_with_credit(booking=held, runner=runner, by=runner, at=at)
    complete(booking=booking, by=None, at=booking.ends_at)

    [row] = report_rows(editor)
    assert row == {
        "Article": "Sore calves",
        "Address": "/journal/sore-calves/",
        "Currency": "GBP",
        "Packages sold": "1",
        "Paid": "259.00",
        "Refunded": "0.00",
        "Net": "259.00",
        "Sessions booked": "1",
        "Sessions used": "1",
    }


def test_a_time_held_from_an_article_keeps_it_to_the_order_and_the_session(
    client, practice, article
):
    runner = make_runner("ana@example.org")
    client.force_login(runner)
    fields = form_fields(read(client, "/journal/sore-calves/"), "/book/hold/")

    answer = client.post("/book/hold/", fields, **FROM_US)

    assert answer.status_code == 302
    booking = Booking.objects.get()
    assert (booking.article_id, booking.source_page) == (article.pk, "/journal/sore-calves/")


def test_the_booking_pages_carry_it_along(client, practice, article):
    token = signed(article.pk)
    html = read(client, f"/book/?via={token}")
    [times] = links(html, "/book/deep-60/")
    assert times == f"/book/deep-60/?via={token}"
    diary = read(client, times)
    assert form_fields(diary, "/book/deep-60/")["via"] == token
    assert form_fields(diary, "/book/hold/")["via"] == token
    assert all(f"via={token}" in link for link in re.findall(r'href="(\?[^"]+day=[^"]+)"', diary))


def buy_signed_in(client, **fields):
    return client.post("/packages/five-60/buy/", fields)


@pytest.mark.parametrize("token", ["/journal/sore-calves/", "1.forged", "x" * 3000])
def test_a_forged_article_stops_no_sale(shop_today, practice, token):
    shop_today.client.force_login(make_runner("ana@example.org"))
    assert buy_signed_in(shop_today.client, via=token).status_code == 303
    order = Order.objects.get()
    assert (order.article_id, order.source_page, order.article_title) == (None, "", "")


def test_a_link_somebody_passed_on_counts_for_the_same_article(shop_today, practice, article):
    token = signed(article.pk)
    for email in ("ana@example.org", "bo@example.org"):
        shop_today.client.force_login(make_runner(email))
        buy_signed_in(shop_today.client, via=token)
    assert set(Order.objects.values_list("article_id", flat=True)) == {article.pk}


def test_a_gift_counts_for_the_article_it_was_bought_from(shop_today, practice, article, editor):
    token = signed(article.pk)
    shop_today.client.force_login(make_runner("ben@example.org", "Uncle Ben"))
    page = read(shop_today.client, f"/packages/five-60/buy/?via={token}")
    [gift] = [link for link in links(page, "/packages/five-60/buy/") if "gift=1" in link]
    assert f"via={token}" in gift

    buy_signed_in(
        shop_today.client, via=token, gift="1", to_name="Ines", to_email="ines@example.org",
        from_name="Ben", message="",
    )  # fmt: skip

    order = Gift.objects.get().order
    assert order.article_id == article.pk
    pay_at_the_desk_instead(order)
    assert [row["Packages sold"] for row in report_rows(editor)] == ["1"]


def pay_at_the_desk_instead(order):
    order.attempts.all().delete()
    pay_at_the_desk(order)


def test_signing_in_after_the_form_keeps_the_article(client, practice, article):
    token = signed(article.pk)
    answer = client.post("/packages/five-60/buy/", {"via": token})
    assert f"via%3D{token}" in answer["Location"]


def test_by_api_a_hold_takes_it_too(client, practice, article):
    runner = make_runner("ana@example.org")
    client.force_login(runner)
    wanted = {
        "variant": "deep-60", "location": "harbour", "therapist": "imre",
        "starts_at": practice.on(practice.day(3), 10).isoformat(),
    }  # fmt: skip

    held = client.post(
        "/api/v1/holds/", wanted | {"via": signed(article.pk)}, content_type="application/json"
    ).json()
    assert held["via_page"] == article.pk
    other = client.post(
        "/api/v1/holds/",
        wanted | {"starts_at": practice.on(practice.day(4), 10).isoformat(), "via": "1.forged"},
        content_type="application/json",
    ).json()
    assert other["via_page"] is None


def test_by_api_an_order_takes_it_too(shop_today, practice, article):
    client = shop_today.client
    client.force_login(make_runner("ana@example.org"))
    wanted = {
        "package": "five-60", "success_url": "http://localhost:8000/a/",
        "cancel_url": "http://localhost:8000/b/", "via": signed(article.pk),
    }  # fmt: skip

    answer = client.post("/api/v1/orders/", wanted, content_type="application/json")

    assert answer.status_code == 201, answer.content
    assert answer.json()["via_page"] == article.pk
    assert answer.json()["terms"] == "terms v1"


def test_where_an_order_came_from_is_never_rewritten(practice, article):
    order = make_order(package=practice.five, source=source_of(signed(article.pk)))
    for values in ({"article_id": None}, {"article_title": "Mine"}, {"source_page": "/x/"}):
        with pytest.raises(IntegrityError, match="order_origin_is_kept"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**values)


# the report ------------------------------------------------------------------------------------
def sell(practice, article, *, at, runner=None):
    source = source_of(signed(article.pk))
    order = make_order(runner, practice.five, at=at, source=source)
    pay_at_the_desk(order, at=at)
    return order


MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 10, 12, tzinfo=UTC)


def test_a_period_has_what_happened_in_it(practice, article, editor):
    sell(practice, article, at=MARCH)
    sell(practice, article, at=MAY)

    def paid(first, last):
        query = f"&paid_at_from={first}&paid_at_to={last}"
        return [row["Paid"] for row in report_rows(editor, query)]

    assert paid("2026-03-10", "2026-03-10") == ["259.00"]
    assert paid("2026-03-11", "2026-05-09") == []
    assert paid("2026-01-01", "2026-12-31") == ["518.00"]


def test_what_went_back_is_taken_off(practice, article, editor):
    order = sell(practice, article, at=MARCH)
    RefundRequest.objects.create(
        order=order, attempt=order.attempts.get(), number=1, amount_minor=5900, currency="GBP",
        status="succeeded",
        requested_at=MARCH, settled_at=MARCH + timedelta(days=1), requested_by=editor, reason="x",
    )  # fmt: skip
    [row] = report_rows(editor)
    assert (row["Paid"], row["Refunded"], row["Net"]) == ("259.00", "59.00", "200.00")


def test_a_deleted_article_keeps_its_line(practice, article, editor):
    sell(practice, article, at=MARCH)
    article.delete()
    [row] = report_rows(editor)
    assert (row["Article"], row["Address"]) == ("Sore calves (deleted)", "/journal/sore-calves/")


def test_a_link_to_an_article_that_was_deleted_before_still_counts(practice, article, editor):
    token, page_id = signed(article.pk), article.pk
    article.delete()
    order = make_order(package=practice.five, source=source_of(token))
    pay_at_the_desk(order)
    assert [row["Article"] for row in report_rows(editor)] == [f"Page {page_id} (deleted)"]


def test_a_session_counts_once_for_the_article_it_was_booked_from(practice, article, editor):
    other = write("Race week")
    runner = make_runner("ana@example.org")
    sell(practice, article, at=datetime.now(UTC), runner=runner)
    visit = Visit(practice)
    visit.client.force_login(runner)
    booking = visit.held(via=signed(other.pk))
    visit.client.post(f"/book/{booking.public_id}/confirmation/", {})

    rows = {row["Article"]: row for row in report_rows(editor)}
    assert rows["Race week"]["Sessions booked"] == "1"
    assert rows["Sore calves"]["Sessions booked"] == "0"


def test_the_report_is_on_the_screen_and_a_spreadsheet(practice, article, editor, client):
    sell(practice, article, at=MARCH)
    client.force_login(editor)

    html = read(client, "/admin/reports/articles/")
    assert "Sore calves" in html
    assert "259.00 GBP" in html
    sheet = client.get("/admin/reports/articles/?export=xlsx")
    assert b"".join(sheet.streaming_content)[:2] == b"PK"


@pytest.mark.parametrize(
    ("who", "status"), [("editor", 200), ("bookkeeper", 200), ("runner", 403), ("nobody", 401)]
)
def test_who_may_read_it_by_api(client, practice, article, editor, who, status):
    sell(practice, article, at=MARCH)
    people = {
        "editor": lambda: editor,
        "bookkeeper": lambda: make_bookkeeper(name="Bo Books"),
        "runner": lambda: make_runner("ana@example.org"),
    }
    if who in people:
        client.force_login(people[who]())
    answer = client.get("/api/v1/staff/attribution/?start=2026-03-01&end=2026-04-01")
    assert answer.status_code == status
    if status == 200:
        [line] = answer.json()
        assert (line["page_id"], line["net_minor"], line["packages"]) == (article.pk, 25900, 1)


def test_the_report_asks_as_often_for_many_articles(
    practice, article, django_assert_max_num_queries
):
    for number in range(6):
        sell(practice, write(f"Article {number}"), at=MARCH)
    assert CreditLot.objects.count() == 6
    assert BasePage.objects.count() > 6
    with django_assert_max_num_queries(12):
        assert len(article_lines(Span())) == 6
