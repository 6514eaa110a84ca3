"""A connection to a server nobody vouches for: where it was judged to be, within one deadline.

No proxy of the environment is used, because a proxy would ask the name server again.
"""

import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any, Final

from accounts.reaching import addresses
from accounts.reaching.addresses import Address

CONNECT_SECONDS: Final = 4.0
READ_SECONDS: Final = 6.0  # for the next bytes, whatever they are


class Deadline:
    """One moment by which everything is over."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """Seconds the next step may take.

        Raises:
            TimeoutError: there are none left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, at_most)


@contextmanager
def opened(
    address: Address, deadline: Deadline, *, local: bool = False
) -> Iterator[HTTPConnection]:
    """A connection to where the address was judged to be, each step within the deadline.

    Raises:
        ElsewhereTrouble: it may not be asked, or its name is not known.
    """
    seconds = deadline.left(addresses.NAME_SECONDS)
    places = addresses.public_addresses(address, seconds, local=local)
    connection = HTTPConnection(address.host, address.port)
    sock = _connected(address, places, deadline)
    with closing(sock):
        connection.sock = _Bounded(sock, deadline)
        yield connection


def _connected(address: Address, places: list[str], deadline: Deadline) -> socket.socket:
    """A connection to one of the judged addresses, by name only for the certificate."""
    trouble: OSError | None = None
    for place in places:
        try:
            raw = socket.create_connection(
                (place, address.port), timeout=deadline.left(CONNECT_SECONDS)
            )
        except OSError as error:
            trouble = error
            continue
        return _wrapped(raw, address, deadline)
    raise trouble or OSError("nowhere to connect to")


def _wrapped(raw: socket.socket, address: Address, deadline: Deadline) -> socket.socket:
    if address.scheme != "https":
        return raw
    try:
        raw.settimeout(deadline.left(CONNECT_SECONDS))
        return trust().wrap_socket(raw, server_hostname=address.host)
    except BaseException:
        raw.close()
        raise


def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Bounded:
    """As much of a socket as ``http.client`` uses, each step of it within the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._deadline.left(READ_SECONDS))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Arriving(self._sock, self._deadline))

    def close(self) -> None:
        """Not yet: ``http.client`` lets go of the connection before the answer is read."""


class _Arriving(io.RawIOBase):
    """The bytes of an answer as they come."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left(READ_SECONDS))
        return self._sock.recv_into(buffer)
