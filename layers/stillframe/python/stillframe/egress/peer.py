"""Ask the kernel which process is at the other end of a loopback connection.

The guard's port is open to everybody on the machine. A password on it would reach Chromium only through
request interception, which pauses every request; the kernel's answer costs about 20 µs, and the look into the
browser's descriptors a few hundred, once per connection.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterable

Place = tuple[str, int]
Pids = Callable[[], Iterable[int]]

# linux/inet_diag.h and linux/netlink.h
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST = 4, 20, 1
_HEADER = struct.Struct("=LHHLL")
_ALL_STATES, _NO_COOKIE = 0xFFFF_FFFF, 0xFFFF_FFFF


class PeerCheck:
    """Answers whether a connection comes from one of the processes that may use a listener."""

    def __init__(self, pids: Pids) -> None:
        self._pids = pids
        self._last: int | None = None

    def allows(self, peer: Place, own: Place) -> bool:
        """Whether `peer`, connected to our socket `own`, belongs to an allowed process.

        True where nobody can tell.
        """
        if sys.platform != "linux":
            return True
        try:
            inode = _inode(peer, own)
        except OSError:
            return True  # a kernel without sock_diag, such as gVisor's
        return inode is not None and self._holds(inode)

    def _holds(self, inode: int) -> bool:
        # Nearly every connection is of the browser's network service, so that process is asked first.
        if self._last is not None and _has_socket(self._last, inode):
            return True
        for pid in self._pids():
            if _has_socket(pid, inode):
                self._last = pid
                return True
        return False


def _inode(local: Place, remote: Place) -> int | None:
    """The inode of the IPv4 TCP socket that is bound to `local` and connected to `remote`.

    None when there is none.
    """
    addresses = [socket.inet_aton(host).ljust(16, b"\0") for host, _ in (local, remote)]
    ports = struct.pack("!HH", local[1], remote[1])
    socket_id = ports + addresses[0] + addresses[1] + struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    family = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ALL_STATES)
    body = family + socket_id
    header = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as asked:
        asked.settimeout(0.5)
        asked.send(header + body)
        answer = asked.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    # struct inet_diag_msg: four bytes, the socket id of 48, expires, two queues, uid, inode.
    return int(struct.unpack_from("=I", answer, _HEADER.size + 4 + 48 + 16)[0]) or None


def _has_socket(pid: int, inode: int) -> bool:
    wanted = f"socket:[{inode}]"
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                # Not pathlib: this runs for each descriptor at each connection.
                if os.readlink(f"{folder}/{name}") == wanted:  # noqa: PTH115
                    return True
    return False
