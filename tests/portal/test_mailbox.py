"""The local mailbox shows codes in development, and does not exist elsewhere."""

import pytest
from django.core.mail import EmailMultiAlternatives

from portal.mailbox import FILE_BACKEND


@pytest.fixture
def post(settings, tmp_path):
    """Mail by files, as `make demo` sends it."""
    settings.DEBUG = True
    settings.EMAIL_BACKEND = FILE_BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path)

    def send(subject="Your code: 424242"):
        mail = EmailMultiAlternatives(subject, "Type 424242 — Grüße", to=["mara@example.com"])
        mail.attach_alternative('<p style="color:red">Type <b>424242</b></p>', "text/html")
        mail.attach("session.ics", "BEGIN:VCALENDAR", "text/calendar")
        mail.send()

    return send


@pytest.mark.django_db
def test_a_code_is_read_in_two_clicks(client, post):
    post("An older mail")
    post()

    listing = client.get("/mailbox/").content.decode()
    assert listing.index("Your code: 424242") < listing.index("An older mail")

    address = listing.partition('href="/mailbox/')[2].partition('"')[0]
    page = client.get(f"/mailbox/{address}").content.decode()
    assert '<p class="display num" id="code">424242</p>' in page
    assert "Grüße" in page
    assert "session.ics" in page


@pytest.mark.django_db
def test_two_mails_in_one_file_are_two_mails(client, post, tmp_path):
    post("An older mail")
    post()
    files = sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    together = b"".join(path.read_bytes() for path in files)
    for path in files[1:]:
        path.unlink()
    files[0].write_bytes(together)

    listing = client.get("/mailbox/").content.decode()

    assert listing.index("Your code: 424242") < listing.index("An older mail")


@pytest.mark.django_db
def test_the_html_part_cannot_run_anything(client, post):
    post()
    listing = client.get("/mailbox/").content.decode()
    address = listing.partition('href="/mailbox/')[2].partition('"')[0]

    page = client.get(f"/mailbox/{address}").content.decode()
    frame = client.get(f"/mailbox/{address}html/")

    assert "<iframe" in page
    assert " sandbox " in page
    assert "script-src 'none'" in frame["Content-Security-Policy"]
    assert b"<b>424242</b>" in frame.content


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["no-such-mail", "..%2F..%2Fportal"])
def test_only_what_is_in_the_box_can_be_read(client, post, name):
    post()
    assert client.get(f"/mailbox/{name}/").status_code == 404


@pytest.mark.django_db
def test_an_empty_box_says_so(client, post):
    assert b"No mail yet" in client.get("/mailbox/").content


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/mailbox/", "/mailbox/x/", "/mailbox/x/html/"])
def test_there_is_no_mailbox_in_production(client, post, settings, address):
    settings.DEBUG = False
    assert client.get(address).status_code == 404
