"""The questions before a session: answered, corrected, taken back by the runner herself (G1)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts import consenting
from accounts.answering import (
    AnswersRefused,
    form_in_force,
    give_answers,
    intake_of,
    latest_answers,
    withdraw_answers,
)
from accounts.consents import Channel, Purpose
from accounts.health_data import reads_of
from accounts.health_reading import answers_of
from accounts.intake_forms import IntakeForm
from accounts.intake_questions import QuestionsForm
from accounts.models import User
from accounts.talking import is_asked_to_talk
from portal.account.who import signed_in_runner
from scheduling.web.posting import posted_from

WAITS = (
    "Thank you, your answers are saved. Please call us before you book the next session: we would"
    " like to talk first."
)


@require_safe
@never_cache
@login_required
@sensitive_variables()
def intake(request: HttpRequest) -> HttpResponse:
    """What she told us, who read it, and the way to correct or delete it."""
    at = timezone.now()
    runner = signed_in_runner(request)
    sets = answers_of(runner)
    context = {
        "state": intake_of(runner, at=at),
        "latest": sets[0] if sets else None,
        "earlier": sets[1:],
        "reads": reads_of(runner),
        "must_talk": is_asked_to_talk(runner),
        "has_agreed": consenting.has_given(runner, Purpose.HEALTH),
    }
    return render(request, "portal/account/intake.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@sensitive_post_parameters()
@sensitive_variables()
def answers(request: HttpRequest) -> HttpResponse:
    """The questions, with what she answered before."""
    runner = signed_in_runner(request)
    questions = form_in_force()
    if questions is None:
        return redirect("portal_account:intake")
    if request.method != "POST":
        before = latest_answers(runner)
        form = QuestionsForm(questions=questions, earlier=before.answers if before else None)
        return _asked(request, questions, form)
    form = QuestionsForm(request.POST, questions=questions)
    if request.POST.get("version") != str(questions.version):
        # Answers to the same questions stand in the new form; nothing typed is lost.
        form.is_valid()
        form.add_error(None, "The questions have changed meanwhile. Please look at them once more.")
    return _take(request, runner, questions, form)


@posted_from("portal_account:intake")
@never_cache
@login_required
def withdrawal(request: HttpRequest) -> HttpResponse:
    """Her answers and the notes about her sessions are deleted at once."""
    runner = signed_in_runner(request)
    withdraw_answers(person=runner, channel=Channel.ACCOUNT, by=runner, at=timezone.now())
    messages.success(request, "Your answers and the notes about your sessions are deleted.")
    return redirect("portal_account:intake")


@sensitive_variables()
def _take(
    request: HttpRequest, runner: User, questions: IntakeForm, form: QuestionsForm
) -> HttpResponse:
    if not form.is_valid():
        return _asked(request, questions, form)
    try:
        give_answers(
            person=runner,
            form=questions,
            answers=form.answers,
            agrees=True,
            channel=Channel.INTAKE,
            by=runner,
            at=timezone.now(),
        )
    except AnswersRefused as refusal:
        form.add_error(None, str(refusal))
        return _asked(request, questions, form)
    waits = is_asked_to_talk(runner)
    messages.success(request, WAITS if waits else "Thank you, your answers are saved.")
    return redirect("portal_account:intake")


def _asked(request: HttpRequest, questions: IntakeForm, form: QuestionsForm) -> HttpResponse:
    context: dict[str, Any] = {"questions": questions, "form": form, "action": request.path}
    status = 422 if form.errors else 200
    return render(request, "portal/account/intake_answers.html", context, status=status)
