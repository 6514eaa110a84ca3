"""The admin's pages beside the questions: how they look, putting them in force, a new draft."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from accounts.intake_forms import IntakeForm
from accounts.intake_publishing import FormRefused, draft_from, publish
from accounts.intake_questions import QuestionsForm
from accounts.models import User


class FormsView(generic.IndexView):
    """The versions, each with a way to look at it, and to put it in force or draft from it."""

    def get_edit_url(self, instance: Any) -> str | None:
        if instance.is_published:
            return reverse("intake_forms:preview", args=[instance.pk])
        url: str | None = super().get_edit_url(instance)
        return url

    def get_delete_url(self, instance: Any) -> str | None:
        url: str | None = None if instance.is_published else super().get_delete_url(instance)
        return url

    def get_list_more_buttons(self, instance: Any) -> list[Button]:
        return [*super().get_list_more_buttons(instance), *_buttons(instance)]


class _OnlyDrafts:
    """What was published is looked at, and copied into a draft."""

    def get_object(self, queryset: Any = None) -> IntakeForm:
        form: IntakeForm = super().get_object(queryset)  # type: ignore[misc]
        if form.is_published:
            raise PermissionDenied
        return form


class FormEditView(_OnlyDrafts, generic.EditView):
    """A draft; once saved, it can be looked at and put in force from here too."""

    @property
    def header_more_buttons(self) -> list[Button]:
        return [*super().header_more_buttons, *_buttons(self.object)]


class FormDeleteView(_OnlyDrafts, generic.DeleteView):
    pass


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions as runners see them; nothing can be sent."""
    questions = _allowed(request, pk)
    context = {"questions": questions, "form": QuestionsForm(questions=questions)}
    return TemplateResponse(request, "portal/account/intake_answers.html", context)


def in_force(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, because what is in force cannot be changed any more."""
    form = _allowed(request, pk)
    if request.method == "POST" and isinstance(request.user, User):
        try:
            published = publish(form=form, by=request.user, at=timezone.now())
        except FormRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(form)s is in force.") % {"form": published})
        return redirect("intake_forms:index")
    context = {"header_title": str(form), "header_icon": "upload", "questions": form}
    return TemplateResponse(request, "accounts/admin/publish.html", context)


def new_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with the same words; the version it comes from stays in force."""
    form = _allowed(request, pk)
    if request.method != "POST":
        context = {"header_title": str(form), "header_icon": "copy", "questions": form}
        return TemplateResponse(request, "accounts/admin/draft.html", context)
    draft = draft_from(form)
    messages.success(request, _("This is a draft. Runners see it once you put it in force."))
    return redirect("intake_forms:edit", draft.pk)


def _allowed(request: HttpRequest, pk: int) -> IntakeForm:
    if not request.user.has_perm("accounts.change_intakeform"):
        raise PermissionDenied
    return get_object_or_404(IntakeForm, pk=pk)


def _buttons(form: IntakeForm) -> list[Button]:
    def button(label: Any, name: str, icon: str, priority: int) -> Button:
        url = reverse(f"intake_forms:{name}", args=[form.pk])
        return Button(label, url=url, icon_name=icon, priority=priority)

    looked_at = button(_("Preview"), "preview", "view", 40)
    if form.is_published:
        return [looked_at, button(_("New draft from it"), "draft", "copy", 41)]
    return [looked_at, button(_("Put in force"), "publish", "upload", 41)]
