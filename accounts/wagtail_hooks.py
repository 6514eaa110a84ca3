"""The questions before a session, in the Wagtail admin: written, looked at, put in force."""

from typing import Any, ClassVar

from django.urls import path
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, Panel
from wagtail.admin.viewsets.model import ModelViewSet

from accounts import admin_intake
from accounts.intake_forms import IntakeForm


class IntakeFormViewSet(ModelViewSet):
    model = IntakeForm
    icon = "form"
    menu_label = "Questions before a session"
    menu_order = 207
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = admin_intake.FormsView
    edit_view_class = admin_intake.FormEditView
    delete_view_class = admin_intake.FormDeleteView
    list_display: ClassVar[list[str]] = ["__str__", "published_at"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        FieldPanel("consent_text"),
        InlinePanel(
            "questions",
            heading="Questions",
            label="Question",
            panels=[
                FieldPanel("words"),
                FieldRowPanel([FieldPanel("kind"), FieldPanel("is_required")]),
                FieldPanel("help_text"),
                FieldPanel("choices"),
                FieldPanel("stops_booking"),
            ],
        ),
    ]

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("preview/<int:pk>/", admin_intake.preview, name="preview"),
            path("in-force/<int:pk>/", admin_intake.in_force, name="publish"),
            path("draft/<int:pk>/", admin_intake.new_draft, name="draft"),
        ]


@hooks.register("register_admin_viewset")
def register_intake_forms() -> IntakeFormViewSet:
    return IntakeFormViewSet("intake_forms", url_prefix="questions")
