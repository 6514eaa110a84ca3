"""The reason codes of the engine (E28) in the desk's words.

What a runner reads is in ``scheduling.reasons``; she is asked to choose again, staff are told
what stands in the way.
"""

from collections.abc import Iterable

WORDS = {
    "eligibility": "does not give this session there, or it is not offered (E9)",
    "notice": "too soon to book online (E6)",
    "horizon": "further ahead than the diary is open (E7)",
    "grid": "not one of the usual starts (E5)",
    "closed": "closed that day (E3)",
    "time_off": "away or blocked then (E3)",
    "outside_hours": "outside their hours (E2)",
    "busy": "busy in their own calendar (E22)",
    "overlap": "another session then (E1)",
    "turnaround": "too close to another session (E4)",
    "hold": "somebody is booking it right now (E13)",
    "room": "no room is free (E11)",
    "cap_day": "enough work for one day (E8)",
    "cap_run": "too long without a break (E8)",
    "travel": "no time to get there from another location (E12)",
    "runner_limit": "the runner has a session then, or enough booked (B16)",
    "intake": "we talk to the runner before booking (E9)",
    "expired_credit": "the credit ends before that day (E25)",
}
SHORT = {
    "closed": "closed",
    "time_off": "away or blocked",
    "outside_hours": "outside hours",
    "busy": "busy elsewhere",
    "turnaround": "turnaround",
    "cap_day": "day's limit",
    "cap_run": "break",
    "travel": "travel",
    "eligibility": "who gives it",
    "runner_limit": "runner's limit",
    "intake": "call first",
}


def in_words(code: str) -> str:
    """One reason; a code that is new here is shown as it is rather than hidden."""
    return WORDS.get(str(code), str(code).replace("_", " "))


def all_in_words(codes: Iterable[str]) -> str:
    """For one line: the first letter large, a full stop at the end."""
    said = "; ".join(in_words(code) for code in codes)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def in_short(codes: Iterable[str]) -> str:
    """For a narrow place such as a session on the board."""
    return ", ".join(SHORT.get(str(code), str(code).replace("_", " ")) for code in codes)
