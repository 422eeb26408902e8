"""Strict parser of `host:port`: anything but one plain host and one decimal port raises an error."""

from __future__ import annotations

import re

from .addresses import read_address

_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_BRACKETED = re.compile(r"\[([0-9a-f:.]{2,45})\]", re.ASCII)
MAX_NAME = 253  # RFC 1035, section 2.3.4: 255 octets on the wire


class AuthorityNotValid(ValueError):
    """The text is not a host with an optional port."""


def read_port(text: str) -> int:
    """Parse a port, 1 to 65535, without sign, space or leading zero. Raises AuthorityNotValid."""
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise AuthorityNotValid("port")
    return int(text)


def read_host(text: str) -> str:
    """Normalise a host: lower case, no trailing dot, IPv6 without brackets. Raises AuthorityNotValid."""
    host = text.lower()
    if bracketed := _BRACKETED.fullmatch(host):
        address = read_address(bracketed[1])
        if address is None:
            raise AuthorityNotValid("host")
        return str(address)
    host = host.removesuffix(".")
    if len(host) > MAX_NAME or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise AuthorityNotValid("host")
    return host


def read_authority(text: str, default_port: int | None = None) -> tuple[str, int]:
    """Host and port of `host[:port]`. Raises AuthorityNotValid for user information or a missing port."""
    host, colon, port = text, "", ""
    end = text.rfind("]")
    if ":" in text[end + 1 :]:
        host, colon, port = text.rpartition(":")
    if colon:
        return read_host(host), read_port(port)
    if default_port is None:
        raise AuthorityNotValid("port")
    return read_host(host), default_port
