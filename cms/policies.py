"""Keeping the versions of policies: on publishing, and when the rules behind them change (U8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from wagtail.signals import page_published

from cms import live
from cms.policy_texts import PolicyText
from payments.rule_words import Rules
from payments.signals import rules_saved

if TYPE_CHECKING:
    from accounts.models import User
    from cms.pages.policy import PolicyPage


@dataclass(frozen=True, slots=True)
class Words:
    """What an editor wrote, in one language, and whose rules it speaks of."""

    code: str
    language: str
    title: str
    intro: str
    body: str
    rules_code: str


# acts ------------------------------------------------------------------------------------------
@transaction.atomic
def keep_versions(page: PolicyPage, *, at: datetime, by: User | None) -> list[PolicyText]:
    """Write what was published as versions; the same again writes nothing.

    One for the rules in effect on its first day, and one for each version of them that is known
    to follow.
    """
    _lock(page.code)
    words = Words(
        page.code, page.locale.language_code, page.title, page.intro, page.body, page.rules_code
    )
    today = timezone.localdate(at)
    return list(_bind(words, max(today, page.effective_on or today), at=at, by=by))


@transaction.atomic
def follow_rules(rules_code: str, *, at: datetime) -> list[PolicyText]:
    """The rules of a code have changed: their words, as they stand, are bound to them anew."""
    made: list[PolicyText] = []
    known = PolicyText.objects.filter(rules_code=rules_code).order_by()
    for code, language in sorted(set(known.values_list("code", "language"))):
        _lock(code)
        today = timezone.localdate(at)
        now = in_force(code, today, language, exactly=True)
        for text in [*([now] if now else []), *_coming(code, language, today)]:
            if text.rules_code == rules_code:
                made += _bind(_words_of(text), max(today, text.effective_on), at=at, by=None)
    return made


def _bind(words: Words, start: date, *, at: datetime, by: User | None) -> Iterator[PolicyText]:
    spans: list[tuple[date, Rules | None]] = [(start, None)]
    if words.rules_code:
        spans = list(live.rules_from(words.rules_code, start))
    for first_day, rules in spans:
        there = in_force(words.code, first_day, words.language, exactly=True)
        if there is None or not _says(there, words, rules):
            yield _write(words, first_day, rules, at, by)


def _says(text: PolicyText, words: Words, rules: Rules | None) -> bool:
    return _words_of(text) == words and text.bound_to == rules


def _write(
    words: Words, first_day: date, rules: Rules | None, at: datetime, by: User | None
) -> PolicyText:
    numbers = PolicyText.objects.of(words.code).aggregate(last=Max("number"))
    return PolicyText.objects.create(
        code=words.code,
        number=(numbers["last"] or 0) + 1,
        language=words.language,
        title=words.title,
        intro=words.intro,
        body=words.body,
        rules_code=words.rules_code,
        rules_version=rules.version if rules else None,
        rules=rules.values if rules else None,
        effective_on=first_day,
        published_at=at,
        published_by=by,
    )


def _words_of(text: PolicyText) -> Words:
    return Words(text.code, text.language, text.title, text.intro, text.body, text.rules_code)


def _lock(code: str) -> None:
    """Two who publish one policy, in whatever languages, take turns to number it."""
    from cms.pages.policy import PolicyPage

    list(PolicyPage.objects.select_for_update(of=("self",)).filter(code=code).order_by("pk"))


def _coming(code: str, language: str, today: date) -> list[PolicyText]:
    """Versions whose day is still to come and that nothing published later took the place of."""
    coming: list[PolicyText] = []
    texts = PolicyText.objects.of(code, language).filter(effective_on__gt=today)
    for text in texts.order_by("-number"):
        if all(text.effective_on < later.effective_on for later in coming):
            coming.append(text)
    return coming[::-1]


# readers ---------------------------------------------------------------------------------------
def in_force(
    code: str, on: date, language: str = "", *, exactly: bool = False
) -> PolicyText | None:
    """The version that counts on a day in a language, else in the practice's own."""
    texts = PolicyText.objects.begun(on)
    wanted = language or own_language()
    found = texts.of(code, wanted).first()
    return found if found or exactly else texts.of(code, own_language()).first()


def all_in_force(on: date, language: str = "") -> list[PolicyText]:
    """The version of each policy with a live page, by code; two questions and one for each."""
    from cms.pages.policy import PolicyPage

    codes = PolicyPage.objects.live().public().order_by().values_list("code", flat=True)
    found = [in_force(code, on, language) for code in sorted(set(codes))]
    return [text for text in found if text is not None]


def upcoming(text: PolicyText, on: date) -> PolicyText | None:
    """The version that is going to take the place of this one, if it is known."""
    return next(iter(_coming(text.code, text.language, on)), None)


def texts_for(rules_code: str, rules_version: int, on: date) -> list[str]:
    """References of the newest words bound to a version of the rules (for orders)."""
    texts = PolicyText.objects.filter(
        rules_code=rules_code, rules_version=rules_version, language=own_language()
    )
    newest: dict[str, str] = {}
    for text in texts.begun(on).defer("intro", "body"):
        newest.setdefault(text.code, text.reference)
    return [newest[code] for code in sorted(newest)]


def drafted(page: PolicyPage, on: date) -> PolicyText:
    """The page as it would read now, for its preview; not kept."""
    rules = live.rules_in_effect(page.rules_code, on) if page.rules_code else None
    return PolicyText(
        code=page.code,
        number=0,
        language=page.locale.language_code if page.locale_id else own_language(),
        title=page.title,
        intro=page.intro,
        body=page.body,
        rules_code=page.rules_code,
        rules_version=rules.version if rules else None,
        rules=rules.values if rules else None,
        effective_on=page.effective_on or on,
    )


def own_language() -> str:
    return str(settings.LANGUAGE_CODE)


# news from below and beside ----------------------------------------------------------------------
def page_was_published(instance: Any, revision: Any = None, **_: Any) -> None:
    by = revision.user if revision else None
    keep_versions(instance, at=timezone.now(), by=by)


def rules_were_saved(policy: Any, **_: Any) -> None:
    follow_rules(policy.code, at=timezone.now())


def watch() -> None:
    """From the app's `ready`."""
    from cms.pages.policy import PolicyPage

    page_published.connect(page_was_published, sender=PolicyPage, dispatch_uid="cms.policy")
    rules_saved.connect(rules_were_saved, dispatch_uid="cms.rules_saved")
