"""A form as a page, and what people sent through it."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.contrib.forms.models import AbstractFormField, FormMixin
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.fields import StreamField
from wagtail.search import index

from cms.blocks import BodyBlock
from cms.forms.building import EnquiryFormBuilder
from cms.pages.base import BasePage

MAX_KEEP_DAYS = 730
DAYS = "{days}"
CONSENT = (
    "I agree that you keep what I wrote to answer me. Nobody else sees it, and it is deleted "
    f"after {DAYS} days."
)
KINDS = (
    ("singleline", "One line"),
    ("multiline", "Several lines"),
    ("email", "Email"),
    ("phone", "Phone number"),
    ("number", "Number"),
    ("date", "Date"),
    ("dropdown", "Choice from a list"),
    ("radio", "Choice of one"),
    ("checkboxes", "Choice of several"),
    ("checkbox", "Yes or no"),
)
PRIVACY_NOTE = (
    "<p>What people send here is personal. It is shown to editors of this page and nobody else, "
    "mailed to the practice, and deleted by itself after the days set here. "
    "Ask for as little as you need, and for nothing about health that can wait for the session.</p>"
)


class FormPage(FormMixin, BasePage):
    """A form built by an editor. It is sent to ``/forms/<id>/``; the page itself is cacheable."""

    intro = models.TextField(max_length=400, blank=True)
    body = StreamField(BodyBlock(), blank=True)
    button = models.CharField("word on the button", max_length=40, default="Send")
    thanks_title = models.CharField(max_length=120, default="Thank you")
    thanks_text = models.TextField(
        max_length=600, default="We have it, and answer within two working days."
    )
    to_address = models.EmailField(
        "sent to", blank=True, help_text="Empty: the address of the practice."
    )
    acknowledge = models.BooleanField(
        "say by mail that it arrived",
        default=True,
        help_text="Goes to the first email field. It repeats nothing of what was sent, so that "
        "nobody can use the form to mail strangers.",
    )
    consent_text = models.TextField(
        max_length=600,
        default=CONSENT,
        help_text=f"What people agree to. {DAYS} stands for the number of days below.",
    )
    keep_days = models.PositiveSmallIntegerField(
        "kept for (days)",
        default=180,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_KEEP_DAYS)],
    )

    parent_page_types: ClassVar[list[str]] = ["cms.HomePage", "cms.StandardPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "cms/form_page.html"
    landing_page_template = "cms/form_thanks.html"
    form_builder = EnquiryFormBuilder
    search_fields = [*BasePage.search_fields, index.SearchField("intro"), index.SearchField("body")]
    content_panels = [
        *BasePage.content_panels,
        FormSubmissionsPanel(heading="What was sent"),
        "intro",
        "body",
        InlinePanel("form_fields", label="field", heading="Fields", min_num=1),
        "button",
        MultiFieldPanel(["thanks_title", "thanks_text", "acknowledge"], heading="Afterwards"),
        MultiFieldPanel(
            [HelpPanel(PRIVACY_NOTE), FieldPanel("to_address"), "consent_text", "keep_days"],
            heading="Personal data",
        ),
    ]
    api_fields = [APIField("intro"), APIField("body"), APIField("button"), APIField("keep_days")]

    class Meta:
        verbose_name = "form"
        constraints = [
            models.CheckConstraint(
                condition=Q(keep_days__gte=1, keep_days__lte=MAX_KEEP_DAYS),
                name="form_keeps_for_a_while",
            )
        ]

    def clean(self) -> None:
        super().clean()
        if DAYS not in self.consent_text:
            raise ValidationError(
                {"consent_text": f"Say how long it is kept: {DAYS} stands for the number of days."}
            )

    @property
    def consent_words(self) -> str:
        """The words a person agrees to; the number in them is the rule itself."""
        return self.consent_text.replace(DAYS, str(self.keep_days))

    @property
    def consent_digest(self) -> str:
        return hashlib.sha256(self.consent_words.encode()).hexdigest()[:16]

    def get_submission_class(self) -> type[Enquiry]:
        return Enquiry

    def get_submissions_list_view_class(self) -> Any:
        from cms.admin.enquiries import EnquiryList

        return EnquiryList

    def get_data_fields(self) -> list[tuple[str, str]]:
        return [*super().get_data_fields(), ("consent", "Agreed to"), ("forget_at", "Deleted on")]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """As any page: sending goes elsewhere, a page of the tree takes no POST."""
        return BasePage.serve(self, request, *args, **kwargs)

    def _html(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super()._html(request, *args, **kwargs)
        response.add_post_render_callback(_tag_without_stamp)
        return response

    def get_context(
        self, request: HttpRequest, *args: Any, form: Form | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """With the form, empty unless one is given, and its guards."""
        from cms.forms.sending import form_of, guards_of

        at = timezone.now()
        return super().get_context(request, *args, **kwargs) | {
            "form": form if form is not None else form_of(self, None, at=at),
            "guards": guards_of(self, at=at),
        }

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return self.get_context(request)

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [*BasePage.preview_modes.fget(self), ("landing", "After sending")]  # type: ignore[attr-defined]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        if mode_name == "landing":
            return self.render_landing_page(request)
        return BasePage.serve_preview(self, request, mode_name)


def _tag_without_stamp(response: Any) -> None:
    """The empty form is the same for everybody but for its stamp: a copy stays good."""
    stamp = response.context_data["guards"]["opened"]
    same = response.content.replace(stamp.encode(), b"")
    digest = hashlib.md5(same, usedforsecurity=False).hexdigest()
    response.headers["ETag"] = f'"{digest}"'


class FormField(AbstractFormField):
    page = ParentalKey(FormPage, on_delete=models.CASCADE, related_name="form_fields")
    field_type = models.CharField("kind", max_length=16, choices=KINDS)
    setattr(field_type, "required_on_save", True)  # noqa: B010 - Wagtail's own mark: a preview needs it


class ConsentText(models.Model):
    """The words that people agreed to, numbered in the order a form used them."""

    page = models.ForeignKey(FormPage, on_delete=models.CASCADE, related_name="consent_texts")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=16)
    text = models.TextField()
    used_since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="consent_texts_in_one_line"),
            models.UniqueConstraint(fields=["page", "digest"], name="each_consent_text_once"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def to_forget(self, at: Any) -> EnquiryQuerySet:
        return self.filter(forget_at__lte=at)


class Enquiry(models.Model):
    """What one person sent. `forget_at` is what she was promised, whatever the form says later."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    page = models.ForeignKey(FormPage, on_delete=models.CASCADE, related_name="enquiries")
    form_data = models.JSONField(encoder=DjangoJSONEncoder)
    labels = models.JSONField(help_text="What the fields were called then.")
    consent = models.ForeignKey(ConsentText, on_delete=models.RESTRICT, related_name="enquiries")
    submit_time = models.DateTimeField("sent")
    forget_at = models.DateTimeField("deleted on")

    objects: ClassVar[Any] = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "enquiries"
        constraints = [
            models.CheckConstraint(
                condition=Q(forget_at__gt=models.F("submit_time")), name="enquiry_is_kept_a_while"
            )
        ]
        indexes = [models.Index(fields=["forget_at"], name="enquiry_to_forget")]

    def __str__(self) -> str:
        return f"{self.page.title}, {self.submit_time:%d %B %Y %H:%M}"

    def get_data(self) -> dict[str, Any]:
        """For Wagtail's list and export."""
        return {
            **self.form_data,
            "submit_time": self.submit_time,
            "consent": str(self.consent),
            "forget_at": self.forget_at,
        }

    def answers(self) -> list[tuple[str, str]]:
        """What was sent, in words, in the order of the form."""
        return [(label, in_words(self.form_data.get(name))) for name, label in self.labels]


def in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
