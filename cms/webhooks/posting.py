"""One request to a receiver nobody vouches for.

Guarded as imported calendars are: only https to the open internet, the judged address is the one
connected to, one deadline over everything. No redirect is followed, and of the answer no more
than its beginning is read.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final

from django.conf import settings

from accounts.reaching import addresses
from accounts.reaching.connecting import Deadline, opened
from accounts.reaching.errors import ElsewhereTrouble

TOTAL_SECONDS: Final = 10.0
ANSWER_BYTES: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is None when there was no answer; ``trouble`` then says why."""

    took_ms: int
    status: int | None = None
    beginning: str = ""
    trouble: str = ""

    @property
    def is_yes(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(
    *, url: str, body: bytes, headers: Mapping[str, str], seconds: float = TOTAL_SECONDS
) -> Answer:
    """POST ``body``, once. Never raises for what the other side does or is."""
    started = time.monotonic()

    def took() -> int:
        return round((time.monotonic() - started) * 1000)

    try:
        status, beginning = _exchange(url, body, headers, Deadline(seconds))
    except ElsewhereTrouble as refused:
        return Answer(took(), trouble=str(refused))
    except TimeoutError:
        return Answer(took(), trouble="It took too long to answer.")
    except ssl.SSLError:
        return Answer(took(), trouble="Its certificate is not valid.")
    except (OSError, HTTPException, ValueError):
        return Answer(took(), trouble="It did not answer properly.")
    return Answer(took(), status, beginning)


def require_usable(url: str) -> None:
    """Whether the form of an address is right; where it leads is looked at when it is used.

    Raises:
        ElsewhereTrouble: a sentence says what is the matter.
    """
    addresses.parsed(url, local=_here_only())


def _exchange(
    url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline
) -> tuple[int, str]:
    address = addresses.parsed(url, local=_here_only())
    with opened(address, deadline, local=_here_only()) as connection:
        connection.request(
            "POST",
            address.target,
            body=body,
            headers={
                "Host": address.host_header,
                "User-Agent": "massage-for-runners-webhooks/1",
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
                "Connection": "close",
                **headers,
            },
        )
        answer = connection.getresponse()
        return answer.status, _readable(answer.read(ANSWER_BYTES))


def _readable(beginning: bytes) -> str:
    """PostgreSQL keeps no zero bytes, and a log is for people."""
    text = beginning.decode("utf-8", errors="replace")
    return "".join(
        one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text
    )


def _here_only() -> bool:
    return bool(settings.LOCAL_WEBHOOKS_ALLOWED)
