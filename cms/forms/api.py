"""Forms for front ends of one's own: what to draw, and where to send it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import HttpError, ValidationError
from pydantic import ConfigDict, Field
from wagtail.api.v3.auth import AllowAnonymous

from cms.forms.guards import TOO_MANY, may_send
from cms.forms.models import FormPage
from cms.forms.sending import form_of, guards_of, receive
from cms.forms.views import form_page

router = Router(tags=["content"], auth=[AllowAnonymous()])


class FormLinkOut(Schema):
    id: int
    title: str
    url: str


class FieldOut(Schema):
    name: str = Field(description="The key in `values`.")
    label: str
    kind: str
    required: bool
    help: str
    choices: list[str]
    initial: str
    max_length: int | None = None


class ConsentOut(Schema):
    text: str = Field(description="Show it beside a box to tick, word for word.")
    seen: str = Field(description="Send it back as `consent_seen`.")


class FormOut(FormLinkOut):
    intro: str
    button: str
    fields: list[FieldOut]
    consent: ConsentOut
    opened: str = Field(description="Send it back as it is, three seconds later or more.")


class EnquiryIn(Schema):
    model_config = ConfigDict(extra="forbid")

    values: dict[str, str | bool | list[str] | None]
    consent: bool = False
    consent_seen: str = Field("", max_length=64)
    opened: str = Field("", max_length=200)
    website: str = Field("", max_length=200, description="Leave it empty, out of sight.")


class ThanksOut(Schema):
    title: str
    text: str


@router.get("/forms/", response=list[FormLinkOut], operation_id="content_forms")
def all_forms(request: HttpRequest) -> list[FormLinkOut]:
    """Every form that is live."""
    pages = FormPage.objects.live().public().order_by("path")
    return [
        FormLinkOut(id=page.pk, title=page.title, url=page.get_full_url(request)) for page in pages
    ]


@router.get("/forms/{form_id}/", response=FormOut, operation_id="content_form")
def one_form(request: HttpRequest, form_id: int) -> FormOut:
    """What to draw: the fields in their order, and the words to agree to."""
    page, at = form_page(form_id), timezone.now()
    form, guards = form_of(page, None, at=at), guards_of(page, at=at)
    return FormOut(
        id=page.pk,
        title=page.title,
        url=page.get_full_url(request),
        intro=page.intro,
        button=page.button,
        fields=[_field(each, form) for each in page.get_form_fields()],
        consent=ConsentOut(text=page.consent_words, seen=guards["consent_seen"]),
        opened=guards["opened"],
    )


@router.post("/forms/{form_id}/", response={201: ThanksOut}, operation_id="content_form_send")
def send(request: HttpRequest, form_id: int, sent: EnquiryIn) -> Any:
    """Send a form. The same act, guards and limits as the page's own."""
    page, at = form_page(form_id), timezone.now()
    known = {field.clean_name for field in page.get_form_fields()}
    if unknown := sorted(set(sent.values) - known):
        raise ValidationError([_error(name, "There is no such field.") for name in unknown])
    guards = sent.dict(exclude={"values"})
    form = form_of(page, _posted(sent.values) | guards, at=at)
    if form.errors:
        raise ValidationError([_error(name, str(said[0])) for name, said in form.errors.items()])
    if not may_send(request, form_id=page.pk):
        raise HttpError(429, _(TOO_MANY))
    receive(page=page, form=form, at=at)
    return Status(201, ThanksOut(title=page.thanks_title, text=page.thanks_text))


def _posted(values: dict[str, Any]) -> dict[str, Any]:
    """As a browser would send it: what is false or nothing is not there."""
    return {name: value for name, value in values.items() if value not in (None, False)}


def _error(name: str, sentence: str) -> dict[str, Any]:
    place = {"consent": ["consent"], "__all__": []}.get(name, ["values", name])
    return {"type": "value_error", "loc": ["body", *place], "msg": sentence}


def _field(field: Any, form: forms.Form) -> FieldOut:
    drawn = form.fields[field.clean_name]
    choices = [value for value, _label in getattr(drawn, "choices", ()) if value]
    return FieldOut(
        name=field.clean_name,
        label=field.label,
        kind=field.field_type,
        required=field.required,
        help=field.help_text,
        choices=choices,
        initial=field.default_value,
        max_length=getattr(drawn, "max_length", None),
    )
