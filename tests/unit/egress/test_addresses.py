"""The address table, entry by entry, and the addresses next to each block."""

from __future__ import annotations

import pytest

from stillframe.egress.addresses import is_loopback, is_protected, is_public, read_address

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 0.255.255.255 10.0.0.0 10.0.0.5 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1
127.0.0.2 127.1.2.3 127.255.255.255 169.254.0.1 169.254.100.1 169.254.169.254 169.254.79.129 172.16.0.1
172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.9 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.254 255.255.255.255 :: ::1 ::2 ::127.0.0.1 ::8.8.8.8
::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.5 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::808:808 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9c::1 100::1 2001::1 2001:0:1::1 2001:2::1
2001:10::1 2001:20::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe::1 2002:808:808::1
3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1
ff02::1 ff02::2 ff0e::1
""".split()  # noqa: SIM905
PUBLIC = """
1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 126.255.255.255
128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255
192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.255 203.0.114.0 223.255.255.255
::ffff:8.8.8.8 2000::1 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 3ffe::1
""".split()  # noqa: SIM905


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_special_addresses_are_not_public(text: str) -> None:
    address = read_address(text)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_beside_the_special_blocks_are_public(text: str) -> None:
    address = read_address(text)
    assert address is not None
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "2130706433", "0x7f.1", "1.2.3.4.5", "[::1]", "::g"]
)
def test_only_plain_addresses_are_read(text: str) -> None:
    assert read_address(text) is None


def test_a_mapped_address_is_read_as_ipv4() -> None:
    assert str(read_address("::ffff:a9fe:a9fe")) == "169.254.169.254"


@pytest.mark.parametrize("text", ["169.254.169.254", "169.254.0.0", "fe80::1", "febf::1", "fd00:ec2::254"])
def test_link_local_and_metadata_addresses_are_protected(text: str) -> None:
    address = read_address(text)
    assert address is not None
    assert is_protected(address)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"])
def test_every_way_to_this_machine_is_loopback(text: str) -> None:
    address = read_address(text)
    assert address is not None
    assert is_loopback(address)
