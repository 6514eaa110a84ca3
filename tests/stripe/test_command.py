"""`manage.py stripe_sandbox`: only for this machine, only with keys that are worth nothing."""

import socket

import pytest
from django.core.management import CommandError, call_command

from payments.sandbox.server import NotLoopback, check_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.53"])
def test_loopback_is_fine(host):
    check_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com", ""])  # noqa: S104
def test_everything_else_is_refused(host):
    with pytest.raises(NotLoopback):
        check_loopback(host)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": "0.0.0.0"}, "this machine only"),  # noqa: S104
        ({"key": "sk_test_51real"}, "sk_test_sandbox_"),
        ({"key": "sk_live_51real"}, "sk_test_sandbox_"),
    ],
)
def test_the_command_refuses(tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        call_command("stripe_sandbox", database=str(tmp_path / "s.sqlite3"), port=0, **options)


def test_a_taken_port_is_said_plainly(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CommandError, match="Cannot listen on"):
            call_command(
                "stripe_sandbox",
                database=str(tmp_path / "s.sqlite3"),
                port=taken.getsockname()[1],
            )
