"""What header lines give away about a message.

In: header lines by lower-case name. Out: points and the reasons for them. Never asks the network.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from email.utils import parseaddr

Reason = tuple[float, str]
_LURES = ("lottery", "you have won", "act now", "wire transfer", "unclaimed", "risk free", "100% free")
_BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]")


def header_reasons(headers: Mapping[str, str]) -> Iterator[Reason]:
    """Yield what is suspicious about `headers`."""
    yield from _subject_reasons(headers.get("subject", ""))
    if "message-id" not in headers:
        yield 1.2, "the message has no Message-ID"
    if "date" not in headers:
        yield 0.8, "the message has no Date"
    name, address = parseaddr(headers.get("from", ""))
    if "@" in name and address.lower() not in name.lower():
        yield 2.0, "the sender's name is another address than the sender's"
    answers_to = parseaddr(headers.get("reply-to", ""))[1]
    if answers_to and _domain_of(answers_to) != _domain_of(address):
        yield 0.7, "answers would go to another domain"


def _subject_reasons(subject: str) -> Iterator[Reason]:
    if sum(letter.isalpha() for letter in subject) >= 8 and subject.upper() == subject:
        yield 1.0, "the subject is written in capitals"
    if subject.count("!") >= 3:
        yield 0.8, "the subject has three or more exclamation marks"
    if any(lure in subject.lower() for lure in _LURES):
        yield 1.5, "the subject promises what spam promises"


def sending_address(headers: Mapping[str, str]) -> str | None:
    """Return the public address that handed the message in, from the newest Received line."""
    for text in _BRACKETED.findall(headers.get("received", "")):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address.is_global:
            return str(address)
    return None


def blocklist_name(address: str, zone: str) -> str:
    """Return the name under which a DNS blocklist keeps `address`."""
    reverse = ipaddress.ip_address(address).reverse_pointer
    return f"{reverse.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')}.{zone}"


def says_listed(answers: tuple[str, ...]) -> bool:
    """Return whether a blocklist's `answers` mean "listed"; 127.255.255.x means that it refused the question."""
    return any(answer.startswith("127.") and not answer.startswith("127.255.255.") for answer in answers)


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
