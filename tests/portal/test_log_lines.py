"""A line of the log is one entry, whatever somebody sent."""

import logging
import sys

from portal.log_lines import OneEntry


def _entry(message, *args, exc_info=None):
    record = logging.LogRecord("portal", logging.WARNING, "x.py", 1, message, args, exc_info)
    record.created = 1_790_000_000.25
    return OneEntry().format(record)


def test_an_entry_has_its_moment_in_utc():
    assert _entry("said %s", "so") == "2026-09-21T14:13:20.250+00:00 WARNING portal said so"


def test_nothing_sent_in_begins_an_entry_or_speaks_to_the_terminal():
    forged = "/a\n2026-01-01T00:00:00+00:00 INFO portal all is well\r\x1b[2J\u2028\u202e"

    assert len(_entry("Not Found: %s", forged).splitlines()) == 1
    assert _entry("%s", forged).isprintable()


def test_a_traceback_is_indented_under_its_entry():
    try:
        raise ValueError("one\ntwo")
    except ValueError:
        first, *rest = _entry("broke", exc_info=sys.exc_info()).splitlines()

    assert first.endswith("portal broke")
    assert [line for line in rest if not line.startswith("\t")] == []
    assert "\tValueError: one" in rest


def test_settings_write_every_log_so(settings):
    handlers = settings.LOGGING["handlers"]

    assert [settings.LOGGING["formatters"][one["formatter"]] for one in handlers.values()] == [
        {"()": "portal.log_lines.OneEntry"}
    ]
