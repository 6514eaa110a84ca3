"""The form a practice starts from: a draft, to be read, changed and published by the practice."""

from typing import Any, Final
from uuid import UUID, uuid5

from accounts.intake_forms import Kind

_NAMES: Final = UUID("6b1f0c8e-4a0b-4d6c-9a55-0d7c2f3f1a10")

TITLE: Final = "Before your first session"
INTRODUCTION: Final = (
    "Ten short questions, so that your therapist knows what to leave alone and what to work on. "
    "Answer as well as you can; you talk it through when you come."
)
CONSENT: Final = (
    "I agree that the practice keeps my answers, and my therapist's notes about my sessions. "
    "They are kept encrypted. Only therapists I have a session with and the owner of the practice "
    "read them, and I can see who did and when. They are deleted 24 months after my last "
    "session. I can take this back at any time on my account page; then they are deleted at once."
)
QUESTIONS: Final[tuple[dict[str, Any], ...]] = (
    {
        "kind": Kind.YES_NO,
        "words": "Have you had an operation in the last three months?",
        "help_text": "Also a small one, such as a vein or a joint looked into.",
        "stops_booking": "Yes",
    },
    {
        "kind": Kind.YES_NO,
        "words": "Have you ever had a blood clot, such as a deep vein thrombosis?",
        "stops_booking": "Yes",
    },
    {
        "kind": Kind.YES_NO,
        "words": "Are you pregnant, or might you be?",
        "stops_booking": "Yes",
    },
    {
        "kind": Kind.YES_NO,
        "words": "Do you have a fever or an infection now?",
        "stops_booking": "Yes",
    },
    {
        "kind": Kind.SEVERAL,
        "words": "Do you have any of these?",
        "help_text": "Leave all of them open if none is yours.",
        "is_required": False,
        "choices": "High blood pressure\nA heart condition\nDiabetes\nEpilepsy\nOsteoporosis\n"
        "A skin condition\nCancer, now or in the last five years",
        "stops_booking": "Cancer, now or in the last five years",
    },
    {
        "kind": Kind.SHORT,
        "words": "Which medicines do you take?",
        "help_text": "Blood thinners and pain killers matter most.",
        "is_required": False,
    },
    {
        "kind": Kind.SHORT,
        "words": "Are you allergic to anything we might use, such as nut oil or arnica?",
        "is_required": False,
    },
    {
        "kind": Kind.BODY,
        "words": "Where does it hurt or feel tight?",
        "is_required": False,
    },
    {
        "kind": Kind.LONG,
        "words": "What happened there, and what makes it better or worse?",
        "is_required": False,
    },
    {
        "kind": Kind.CHOICE,
        "words": "How firm do you like it?",
        "choices": "Gentle\nMedium\nFirm\nI do not know yet",
    },
)


def write_draft(form_model: Any, question_model: Any) -> Any:
    """Write the draft with the models given, so that a migration may ask for it too."""
    form = form_model.objects.create(title=TITLE, introduction=INTRODUCTION, consent_text=CONSENT)
    question_model.objects.bulk_create(
        question_model(form=form, key=uuid5(_NAMES, one["words"]), sort_order=place, **one)
        for place, one in enumerate(QUESTIONS)
    )
    return form
