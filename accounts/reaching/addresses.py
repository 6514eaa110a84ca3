"""Which addresses of others the portal may ask.

Whoever may paste an address could have the portal's machine look at what only that machine can
reach: its own services, its network, a cloud's metadata. So only https on its usual port, and
only hosts all of whose addresses are on the open internet. The address that was judged is the
one that is connected to: asking the name server a second time could get another answer.
"""

import ipaddress
import socket
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from accounts.reaching.errors import AddressRefused, ElsewhereTrouble

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

HTTPS_PORT: Final = 443
LONGEST: Final = 500
NAME_SECONDS: Final = 5.0  # for the name server
# Set aside by the registries, and unknown to the `ipaddress` of Python 3.11.
SET_ASIDE: Final = tuple(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24"))


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its parts; ``target`` is what stands in the request line."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_default_port(self) -> bool:
        return self.port == {"https": HTTPS_PORT, "http": 80}[self.scheme]

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.is_default_port else f"{host}:{self.port}"


def parsed(url: str, *, local: bool = False) -> Address:
    """The parts of an address of the right form; asks no name server.

    ``local`` is for development: only this machine may be asked, over http and on any port.

    Raises:
        AddressRefused: it is malformed, not https, names a person or another port.
    """
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused(_("Paste the whole address, as it is shown there."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused(_("That is not an address.")) from None
    if parts.scheme.lower() not in ("https", *(["http"] * local)):
        raise AddressRefused(_("The address has to start with https://."))
    if not parts.hostname:
        raise AddressRefused(_("That is not an address."))
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(_("The address may not contain a user name or a password."))
    scheme = parts.scheme.lower()
    usual = HTTPS_PORT if scheme == "https" else 80
    if port not in (None, usual) and not local:
        raise AddressRefused(_("The address may not name a port."))
    return Address(scheme, parts.hostname, usual if port is None else port, _target(parts))


def _target(parts: SplitResult) -> str:
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def public_addresses(
    address: Address, seconds: float = NAME_SECONDS, *, local: bool = False
) -> list[str]:
    """Where the host is, asked once; connect to one of these and to nothing else.

    Raises:
        AddressRefused: one of them is not on the open internet.
        ElsewhereTrouble: the name is not known, or the name server does not answer.
    """
    found = _resolved(address.host, address.port, seconds)
    if not all(may_be_asked(one, local=local) for one in found):
        raise AddressRefused(_("That address is not on the open internet."))
    return found


def may_be_asked(text: str, *, local: bool = False) -> bool:
    """Whether an IP address is on the open internet, by the registries Python knows.

    Addresses that carry another one inside (mapped, 6to4, Teredo, NAT64) are refused whatever
    they carry: a gateway on the way would unpack it.
    """
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:  # a scope such as fe80::1%eth0 names an interface of this machine
        return False
    if local:
        return ip.is_loopback
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return False
    odd = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local
    odd = odd or (ip.version == 6 and ip.is_site_local)
    return ip.is_global and not odd and not any(ip in net for net in SET_ASIDE)


def require_usable(url: str, *, local: bool = False) -> None:
    """What can be said of an address without fetching it: form, and where its host is.

    Raises:
        ElsewhereTrouble: a sentence says what is the matter.
    """
    public_addresses(parsed(url, local=local), local=local)


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses. The system's resolver knows no deadline, so it gets a thread."""
    answers: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error)
        else:
            answers.put([str(row[4][0]) for row in rows])

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise ElsewhereTrouble(_("Its server could not be found in time.")) from None
    if not isinstance(answer, list) or not answer:
        raise ElsewhereTrouble(_("Its server was not found."))
    return list(dict.fromkeys(answer))
