"""What a text about the rules may not type, because a placeholder says it.

Refused are a placeholder nobody knows, and a length of time, a number or a promise about refunds
where `rule_words` has a placeholder for it: typed, it would come to contradict the rule one day.
It reads English and German. What the law or a bank sets is no rule of ours and may be typed.
"""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from payments.rule_words import PLACEHOLDERS, TOKEN


class NotTrue(ValidationError):
    """A text that could come to contradict the rules. Its messages are for whoever wrote it."""


def require_true(text: str) -> None:
    """Refuse a text (HTML or plain) that could come to contradict the rules.

    Raises:
        NotTrue: with a sentence for each thing that is wrong.
    """
    if troubles := list(_troubles(text)):
        raise NotTrue(troubles)


def _troubles(text: str) -> Iterator[str]:
    known = ", ".join(f"{{{{ {name} }}}}" for name in PLACEHOLDERS)
    for name in dict.fromkeys(TOKEN.findall(text)):
        if name not in PLACEHOLDERS:
            yield _("There is no placeholder “%(name)s”. These exist: %(known)s.") % {
                "name": strip_tags(name),
                "known": known,
            }
    typed = TOKEN.sub("", text)
    if "{{" in typed or "}}" in typed:
        yield _("A placeholder is not closed. It is written like {{ cancel_window }}.")
    for sentence in _sentences(typed):
        yield from _typed_values(sentence)


_BLOCKS = re.compile(r"</?(?:p|li|ul|ol|h[1-6]|br|hr|div|td|th|tr)\b[^>]*>", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?;:])\s+|\n+")


def _sentences(html: str) -> list[str]:
    plain = strip_tags(_BLOCKS.sub("\n", html)).replace("&nbsp;", " ").replace("\xa0", " ")
    return [" ".join(part.split()) for part in _END.split(plain) if part.strip()]


_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_GERMAN = (
    "eine[nmrs]? zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
    " fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig vierundzwanzig dreißig"
    " achtundvierzig sechzig"
)
_NUMBER = (
    r"(?:\d+(?:[.,]\d+)?|half an?|an?"
    rf"|(?:{'|'.join(_TENS.split())})(?:[- ](?:{'|'.join(_ONES.split())}))?"
    rf"|{'|'.join(_ONES.split())}|{'|'.join(_GERMAN.split())})"
)
_UNIT = r"(?:min(?:ute)?s?|hours?|hrs?|h|days?|weeks?|months?|minuten?|stunden?|tage?n?|wochen?)"
_SPAN = re.compile(rf"\b{_NUMBER}(?: (?:full|whole|clear|working|business))?[- ]?{_UNIT}\b", re.I)
_DAY_BEFORE = re.compile(r"\bthe (?:day|night|evening) before\b|\bam tag davor\b", re.I)
_COUNT = re.compile(
    rf"\b(?:once|twice|thrice|einmal|zweimal|dreimal|{_NUMBER} ?(?:times|mal))\b", re.I
)
_CHANGING = re.compile(
    r"\b(?:cancel\w*|call(?:ed|ing|s)? off|no[- ]shows?|miss(?:ed|ing)?\b|late\b|later|forfeit\w*"
    r"|mov(?:e|es|ed|ing)\b|rebook\w*|reschedul\w*|postpon\w*|swap\w*"
    r"|chang(?:e|es|ed|ing) (?:the|your|a|an|its|it|time|date|day|booking)"
    r"|undo\w*|undone|grace|free of charge|notice|before (?:it|the|your|a|an) "
    r"(?:starts?|begins?|session|appointment|booking)"
    r"|storn\w*|absag\w*|abgesagt\w*|verschieb\w*|verschoben\w*|umbuch\w*)",
    re.I,
)
_MOVING = re.compile(
    r"\b(?:mov(?:e|es|ed|ing)|rebook\w*|reschedul\w*|postpon\w*|verschieb\w*|verschoben|umbuch\w*)",
    re.I,
)
# What the law or a bank sets is no rule of ours: such a sentence may give its own days.
_NOT_OURS = re.compile(
    r"\b(?:by law|the law|statutory|consumer|withdraw\w*|banks?|card issuer"
    r"|gesetz\w*|widerruf\w*)",
    re.I,
)
_REFUND = re.compile(
    r"\b(?:no refunds?|non-?refundable|not (?:be )?refund(?:ed|able)|never refunded|full refunds?"
    r"|refund(?:ed)? in full|refunded at the price|fully refunded|keine (?:rück)?erstattung)\b",
    re.I,
)


def _typed_values(sentence: str) -> Iterator[str]:
    """What is typed in a sentence about changing a session, though a placeholder says it."""
    if _NOT_OURS.search(sentence):
        return
    if _CHANGING.search(sentence):
        for pattern in (_SPAN, _DAY_BEFORE):
            for found in pattern.finditer(sentence):
                yield _(
                    "The words cannot say “%(typed)s” of cancelling or moving: the rule may say "
                    "something else. Write %(instead)s, and the rule's own value stands there."
                ) % {"typed": found[0], "instead": _instead(sentence)}
    if _MOVING.search(sentence):
        for found in _COUNT.finditer(sentence):
            yield _(
                "The words cannot say how often a session can be moved (“%(typed)s”). "
                "Write {{ max_moves }}."
            ) % {"typed": found[0]}
    for found in _REFUND.finditer(sentence):
        yield _(
            "The words cannot say how packages are refunded (“%(typed)s”). Write {{ refund_rule }}."
        ) % {"typed": found[0]}


def _instead(sentence: str) -> str:
    if re.search(r"after booking|undo|undone|grace", sentence, re.IGNORECASE):
        return "{{ grace }}"
    moves_only = _MOVING.search(sentence) and not re.search(r"cancel|storn|absag", sentence, re.I)
    return "{{ move_window }}" if moves_only else "{{ cancel_window }}"
