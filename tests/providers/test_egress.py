"""The guard for hosts that users name (X4, G15): hundreds of spellings of inward addresses, and not one connection inward."""

import itertools
import socket
import threading
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.providers.egress import (
    SUBMISSION_PORTS,
    Allowed,
    EgressPolicy,
    EgressRefused,
    check_host,
    connect,
    is_public,
    open_socket,
    system_resolver,
)

INWARD_V4 = [
    "127.0.0.1",
    "127.0.0.53",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
INWARD_V6 = [
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "2001:0:7f00:1:0:0:80ff:fffe",
    "2001:10::1",
    "2001:20::1",
    "2001:2::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:c0a8:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fdff:ffff::1",
    "fe80::1",
    "fe80::1%lo",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
NAMES = ("localhost", "localhost.", "LOCALHOST", "LocalHost.", "ip6-localhost", "localhost6", "localhost.localdomain", "loopback")


def spellings_of(address: str) -> set[str]:
    """Write an IPv4 address in the ways that getaddrinfo or a browser takes: parts left out, hex, octal, one number, other digits and dots."""
    a, b, c, d = (int(part) for part in address.split("."))
    number = int(ip_address(address))
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return {
        address,
        address + ".",
        f"{a}.{b}.{c * 256 + d}",
        f"{a}.{b * 65536 + c * 256 + d}",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(hex(p) for p in (a, b, c, d)),
        ".".join(f"0{p:o}" for p in (a, b, c, d)),
        f"0x{a:02x}.{b}.0{c:o}.{d}",
        address.translate(wide),
        address.replace(".", "。"),
        address.replace(".", "．"),
        address.replace("1", "①"),
    }


SPELLINGS = sorted({s for a in INWARD_V4 for s in spellings_of(a)} | set(INWARD_V6) | {f"[{a}]" for a in INWARD_V6} | set(NAMES))
ODD = (
    "",
    " ",
    "a b",
    "http://127.0.0.1",
    "127.0.0.1:80",
    "user@127.0.0.1",
    "127.0.0.1/",
    "127.0.0.1\0.example",
    "x\r\ny",
    "127.0.0.1#",
    "x" * 300,
)


def resolving_to(*addresses: str):
    return lambda _host, _port, _family: list(addresses)


@pytest.mark.parametrize("ipv6", [False, True])
def test_no_spelling_of_an_inward_address_is_connected_to(ipv6: bool) -> None:
    assert len(SPELLINGS) >= 300
    policy = EgressPolicy(ipv6=ipv6)
    passed = []
    for host in [*SPELLINGS, *ODD]:
        try:
            target = check_host(host, 587, policy, ports=SUBMISSION_PORTS, resolver=system_resolver, timeout_s=1)
        except (EgressRefused, OSError):
            continue
        passed += [(host, str(a)) for a in target.addresses]
    assert passed == []


def test_a_listener_on_loopback_is_never_reached_by_any_spelling() -> None:
    """Not only judged: really tried, against a port that is open."""
    reached = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        policy = EgressPolicy(extra_ports=frozenset({port}))
        for host in [s for s in SPELLINGS if not s.startswith("[")]:
            try:
                sock, _ = connect(host, port, policy, ports=SUBMISSION_PORTS, timeout_s=1)
            except (EgressRefused, OSError):
                continue
            reached.append(host)
            sock.close()
    assert reached == []


@pytest.mark.parametrize("address", [*INWARD_V4, *[a.partition("%")[0] for a in INWARD_V6]])
def test_an_inward_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_in_ipv6_never_makes_it_public(address) -> None:
    n = int(address)
    wrapped = (f"::ffff:{address}", f"64:ff9b::{address}", f"2002:{n >> 16:x}:{n & 0xFFFF:x}::1")
    if not is_public(address):
        assert not any(is_public(ip_address(w)) for w in wrapped)


def test_one_inward_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(EgressRefused):
        check_host("mail.example", 587, EgressPolicy(), ports={587}, resolver=resolving_to("8.8.8.8", "10.0.0.1"), timeout_s=1)


def test_a_name_server_that_changes_its_answer_cannot_turn_the_connection_inward() -> None:
    """Rebinding: the second answer would be loopback; the target connects to the first, checked one."""
    answers = itertools.chain([["8.8.8.8"]], itertools.repeat(["127.0.0.1"]))
    target = check_host("evil.example", 587, EgressPolicy(), ports={587}, resolver=lambda *_: next(answers), timeout_s=1)
    assert [str(a) for a in target.addresses] == ["8.8.8.8"]
    with pytest.raises(TimeoutError):
        open_socket(target, lambda: 0.0)


def test_ipv6_is_only_for_operators_who_allow_it() -> None:
    asked = []

    def resolver(_host: str, _port: int, family: int) -> list[str]:
        asked.append(family)
        return ["2001:4860:4860::8888"]

    with pytest.raises(EgressRefused):
        check_host("mail.example", 587, EgressPolicy(), ports={587}, resolver=resolver, timeout_s=1)
    assert check_host("mail.example", 587, EgressPolicy(ipv6=True), ports={587}, resolver=resolver, timeout_s=1).addresses
    assert asked == [socket.AF_INET, socket.AF_UNSPEC]


def test_a_port_that_is_not_on_the_list_is_refused() -> None:
    for port in (22, 25, 80, 3306, 5432, 6379, 0, 65536, -1):
        with pytest.raises(EgressRefused):
            check_host("mail.example", port, EgressPolicy(), ports=SUBMISSION_PORTS, resolver=resolving_to("8.8.8.8"), timeout_s=1)
    extra = EgressPolicy(extra_ports=frozenset({25}))
    assert check_host("mail.example", 25, extra, ports=SUBMISSION_PORTS, resolver=resolving_to("8.8.8.8"), timeout_s=1).port == 25


def test_a_private_host_passes_only_as_far_as_the_operator_allowed() -> None:
    by_network, by_name = EgressPolicy.allowing(["10.1.0.0/16"]), EgressPolicy.allowing(["Mail.Corp.example."])
    any_port = EgressPolicy.allowing(["10.1.0.0/16:*"])

    def check(policy: EgressPolicy, host: str, address: str, port: int = 587) -> bool:
        return check_host(host, port, policy, ports=SUBMISSION_PORTS, resolver=resolving_to(address), timeout_s=1).private

    assert check(by_network, "anything.example", "10.1.2.3")
    assert check(by_name, "mail.corp.example", "192.168.7.7")
    assert check(any_port, "x.example", "10.1.2.3", 2500)
    for policy, host, address, port in (
        (by_network, "anything.example", "10.2.0.1", 587),
        (by_name, "other.corp.example", "192.168.7.7", 587),
        (by_network, "anything.example", "10.1.2.3", 2500),
    ):
        with pytest.raises(EgressRefused):
            check(policy, host, address, port)
    assert not check(by_network, "public.example", "8.8.8.8")


@pytest.mark.parametrize("entry", ["", "a b", "10.0.0.1/33", "http://x", "1.2.3", "x@y", "host:25"])
def test_a_mistyped_entry_of_the_allow_list_is_an_error(entry: str) -> None:
    with pytest.raises(ValueError):
        Allowed.parse(entry)


def test_a_name_server_that_does_not_answer_costs_only_the_time_limit() -> None:
    never = threading.Event()

    def resolver(*_: object) -> list[str]:
        never.wait(20)
        return []

    with pytest.raises(TimeoutError):
        check_host("slow.example", 587, EgressPolicy(), ports={587}, resolver=resolver, timeout_s=0.1)
    never.set()
