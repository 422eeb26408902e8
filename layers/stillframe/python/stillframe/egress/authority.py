"""Strict reading of `host:port`: whatever is not plainly a host and a port is refused."""

from __future__ import annotations

import re

from .addresses import read_address

_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)
_BRACKETED = re.compile(r"\[([0-9a-f:.]{2,45})\]", re.ASCII)
MAX_NAME = 253


class AuthorityNotValid(ValueError):
    """The text is not a host with a port."""


def read_port(text: str) -> int:
    """The port written in `text`, 1 to 65535, without sign, space or leading zero."""
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise AuthorityNotValid("port")
    return int(text)


def read_host(text: str) -> str:
    """The host in one spelling: lower case, no trailing dot, an IPv6 address without its brackets."""
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
    """Host and port of `host[:port]`; user information is refused, a missing port takes the default."""
    host, colon, port = text, "", ""
    end = text.rfind("]")
    if ":" in text[end + 1 :]:
        host, colon, port = text.rpartition(":")
    if colon:
        return read_host(host), read_port(port)
    if default_port is None:
        raise AuthorityNotValid("port")
    return read_host(host), default_port
