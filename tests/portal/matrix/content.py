"""What editors work on: pages in several states, pictures, documents and what points at them."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.search_promotions.models import Query
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Locale,
    PageViewRestriction,
    Site,
    UploadedFile,
    Workflow,
)

from accounts.models import User
from cms.api_previewing import preview_address
from cms.forms.models import FormPage
from cms.forms.sending import guards_of
from cms.models import BasePage, MailText
from cms.pages.standard import StandardPage
from cms.policy_texts import PolicyText
from cms.uploading import keep_upload
from tests.cms.files import PDF, image
from tests.portal.matrix.rows import NOW, fill


def make_content(by: User) -> dict[str, Any]:
    home = BasePage.objects.get(depth=2)
    text = ContentFile(b"# Calves\n\nSix weeks into a plan.", name="calves.md")
    hands = Collection.get_first_root_node().add_child(name="Hands")
    moved = Redirect.objects.create(old_path="/was", redirect_link="https://example.org/is")
    return {
        **_pages(home, by),
        **_files(by),
        "redirect": moved.pk,
        "old_path": "/was",
        "collection": hands.pk,
        "shut_collection": fill(CollectionViewRestriction, collection=hands, password="open").pk,
        "locale": Locale.objects.get().pk,
        "site": Site.objects.get().pk,
        "searched": Query.get("calves").pk,
        "waiting_import": keep_upload(files=[text], by=by, at=NOW).public_id,
        "policy_text": fill(
            PolicyText,
            code="terms",
            number=1,
            language=Locale.objects.get().language_code,
            effective_on=NOW.date(),
        ).pk,
        **_mail_text(),
    }


def _pages(home: BasePage, by: User) -> dict[str, Any]:
    page = home.add_child(instance=StandardPage(title="About", slug="about"))
    first, second = page.save_revision(), page.save_revision()
    kind = ContentType.objects.get_for_model(page)
    editing = fill(EditingSession, user=by, content_type=kind, object_id=page.pk)
    shut = home.add_child(instance=StandardPage(title="Shut", slug="shut"))
    form = home.add_child(instance=FormPage(title="Ask", slug="ask"))
    later = home.add_child(instance=StandardPage(title="Later", slug="later", live=False))
    later.save_revision(approved_go_live_at=NOW + timedelta(days=1))
    return {
        "page": page.pk,
        "scheduled_page": later.pk,
        "parent_page": home.pk,
        "page_path": "/about/",
        "form_page": form.pk,
        **guards_of(form, at=NOW - timedelta(minutes=1)),
        "alias": page.create_alias(parent=home, update_slug="alias").pk,
        "revision": first.pk,
        "revision_after": second.pk,
        "editing": editing.pk,
        "shut_page": shut.pk,
        "restriction": fill(PageViewRestriction, page=shut, password="open").pk,
        "preview": preview_address(page, at=NOW).token,
        **_in_a_workflow(home, by),
    }


def _in_a_workflow(home: BasePage, by: User) -> dict[str, Any]:
    """A page that waits for somebody who may publish."""
    page = home.add_child(instance=StandardPage(title="Soon", slug="soon", live=False))
    page.save_revision()
    state = Workflow.objects.first().start(page, by)
    return {
        "page_in_workflow": page.pk,
        "workflow_state": state.pk,
        "task_state": state.current_task_state.pk,
        "task": state.current_task_state.task_id,
    }


def _files(by: User) -> dict[str, Any]:
    """A picture and a document, and one of each that waits for its title."""
    pictures, papers = get_image_model(), get_document_model()

    def drawn() -> ImageFile:
        return ImageFile(ContentFile(image()), name="a.png")

    def written() -> ContentFile[bytes]:
        return ContentFile(PDF, name="a.pdf")

    def uploaded(model: Any, file: Any) -> Any:
        kind = ContentType.objects.get_for_model(model)
        return UploadedFile.objects.create(for_content_type=kind, file=file, uploaded_by_user=by).pk

    return {
        "image": pictures.objects.create(title="A picture", file=drawn()).pk,
        "paper": papers.objects.create(title="A paper", file=written()).pk,
        "uploaded_image": uploaded(pictures, drawn()),
        "uploaded_paper": uploaded(papers, written()),
    }


def _mail_text() -> dict[str, Any]:
    text = MailText.objects.all()[0]
    return {
        "mail_text": text.pk,
        "mail_revision": text.save_revision().pk,
        "mail_revision_after": text.save_revision().pk,
    }
