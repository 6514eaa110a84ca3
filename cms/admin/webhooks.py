"""Webhooks in the Wagtail admin: Settings, Webhooks."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from accounts.reaching.errors import ElsewhereTrouble
from cms.admin import webhook_log
from cms.webhooks.managing import Wanted, add_endpoint, change_endpoint
from cms.webhooks.models import Happening, WebhookEndpoint
from cms.webhooks.posting import require_usable


class EndpointForm(WagtailAdminModelForm):
    events = forms.MultipleChoiceField(
        choices=Happening.choices,
        initial=Happening.values,
        widget=forms.CheckboxSelectMultiple,
        help_text="What it is told of.",
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("label", "url", "events", "is_active")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            require_usable(url)
        except ElsewhereTrouble as refused:
            raise ValidationError(str(refused)) from refused
        return url

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        events = tuple(Happening(one) for one in data["events"])
        return Wanted(data["label"], data["url"], events, data["is_active"])


class AddView(generic.CreateView):
    def form_valid(self, form: EndpointForm) -> TemplateResponse:
        """Straight to the secret: it is shown on this one answer and kept nowhere else to see."""
        self.object = add_endpoint(wanted=form.wanted(), by=self.request.user)
        return webhook_log.secret_shown(self.request, self.object, self.object.secret)


class EditView(generic.EditView):
    def save_instance(self) -> WebhookEndpoint:
        # The form has written into the instance already; what is kept decides what has changed.
        endpoint = WebhookEndpoint.objects.get(pk=self.object.pk)
        return change_endpoint(endpoint=endpoint, wanted=self.form.wanted(), by=self.request.user)


class WebhookViewSet(ModelViewSet):
    model = WebhookEndpoint
    icon = "link-external"
    menu_label = "Webhooks"
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = AddView
    edit_view_class = EditView
    list_display: ClassVar[list[Any]] = [
        TitleColumn("label", label="Webhook", accessor="label", url_name="webhooks:log"),
        Column("url", label="Address"),
        Column("state", label="State", accessor=lambda one: state_words(one)),
    ]

    def get_form_class(self, for_update: bool = False) -> type[EndpointForm]:
        return EndpointForm

    def get_urlpatterns(self) -> list[Any]:
        """With the log of each, and what can be done from there."""
        return [
            *super().get_urlpatterns(),
            path("log/<int:pk>/", webhook_log.log, name="log"),
            path("log/<int:pk>/test/", webhook_log.test, name="test"),
            path("log/<int:pk>/secret/", webhook_log.renew, name="secret"),
            path("log/<int:pk>/replay/", webhook_log.replay_since, name="replay_failed"),
            path("deliveries/<int:pk>/", webhook_log.delivery, name="delivery"),
            path("deliveries/<int:pk>/replay/", webhook_log.replay_one, name="replay"),
        ]


def state_words(endpoint: WebhookEndpoint) -> str:
    if not endpoint.is_active:
        return endpoint.stopped_because or "Off"
    if endpoint.resting_until and endpoint.resting_until > timezone.now():
        return "Not answering, tried again in a moment"
    return "On"


@hooks.register("register_admin_viewset")
def register_webhooks() -> WebhookViewSet:
    return WebhookViewSet("webhooks", url_prefix="webhooks")


@hooks.register("register_log_actions")
def register_actions(actions: Any) -> None:
    actions.register_action("cms.webhook.secret", "New secret", "New secret for the webhook")
