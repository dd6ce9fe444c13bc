"""The look at a sending domain (MAIL-48), asked of a real name server on loopback: every finding can be good, bad or unknown."""

import pytest

from segue.domain.errors import Invalid
from segue.features.mail.doctor import blocks, check_domain
from segue.features.mail.names import is_public, look_up_at
from servers.name_server import NameServer

GOOD = {
    ("acme.test", "MX"): ["10 mx.acme.test."],
    ("acme.test", "TXT"): ["other=1", "v=spf1 include:_spf.google.com -all"],
    ("_spf.google.com", "TXT"): ["v=spf1 ip4:192.0.2.0/24 ~all"],
    ("google._domainkey.acme.test", "TXT"): ["v=DKIM1; p=" + "MIIB" * 100],  # longer than one piece of a record
    ("_dmarc.acme.test", "TXT"): ["v=DMARC1; p=reject"],
}
OWN = {
    ("acme.test", "MX"): ["10 mail.acme.test."],
    ("acme.test", "TXT"): ["v=spf1 a:mail.acme.test -all"],
    ("mail.acme.test", "A"): ["198.51.100.7"],
    ("7.100.51.198.in-addr.arpa", "PTR"): ["mail.acme.test."],
    ("dkim._domainkey.acme.test", "TXT"): ["k=rsa; p=MIIB"],
    ("_dmarc.acme.test", "TXT"): ["v=DMARC1; p=none"],
}
COVERS = "SPF covers the provider"


def findings(records, host: str = "smtp.gmail.com", *, domain: str = "acme.test", selector: str = "") -> dict[str, bool | None]:
    with NameServer(records) as server:
        found = check_domain(domain, look_up_at(server.address), host=host, selector=selector)
    return {each.name: each.ok for each in found} | {"blocks": blocks(found)}


def test_a_domain_in_order_is_said_to_be_in_order() -> None:
    expected = {"MX": True, "SPF": True, COVERS: True, "DKIM": True, "DMARC": True, "DMARC alignment": True, "blocks": False}
    assert findings(GOOD) == expected


def test_a_server_of_one_s_own_is_covered_by_its_address_and_has_its_name() -> None:
    expected = {"MX": True, "SPF": True, COVERS: True, "DKIM": True, "DMARC": True, "DMARC alignment": True, "reverse name": True}
    assert findings(OWN, "mail.acme.test") == {**expected, "blocks": False}


@pytest.mark.parametrize(
    ("missing", "name", "found"),
    [
        (("acme.test", "MX"), "MX", False),
        (("acme.test", "TXT"), "SPF", False),
        (("google._domainkey.acme.test", "TXT"), "DKIM", None),  # there is no list of selectors, so not finding one proves nothing
        (("_dmarc.acme.test", "TXT"), "DMARC", False),
    ],
)
def test_what_is_missing_is_named_and_blocks_nothing_alone(missing: tuple[str, str], name: str, found: bool | None) -> None:
    seen = findings({key: value for key, value in GOOD.items() if key != missing})
    assert (seen[name], seen["blocks"]) == (found, False)


def test_only_a_domain_with_neither_spf_nor_dkim_is_blocked() -> None:
    bare = {key: value for key, value in GOOD.items() if key[0] == "_dmarc.acme.test" or key[1] == "MX"}
    assert findings(bare)["blocks"] is True


@pytest.mark.parametrize(
    ("records", "spf", "covers"),
    [
        (["v=spf1 a -all", "v=spf1 mx -all"], False, "absent"),  # receivers ignore all of them
        (["v=spf1 +all"], False, "absent"),  # anybody may send
        (["v=spf1 include:spf.messagingengine.com -all"], True, False),  # another provider's
        (["v=spf1 include:deep.test -all"], True, True),  # by an include of an include
        (["v=spf1 redirect=deep.test"], True, True),
        (["v=spf1 -include:_spf.google.com ~all"], True, False),  # named to be refused
        (["v=spf1 include:loop.test -all"], False, "absent"),  # more than 10 look-ups: broken (RFC 7208)
    ],
)
def test_the_spf_record_is_walked_as_receivers_walk_it(records: list[str], spf: bool, covers: bool | str) -> None:
    deep = {("deep.test", "TXT"): ["v=spf1 include:_spf.google.com ~all"]}
    loop = {("loop.test", "TXT"): ["v=spf1 " + " ".join(f"include:l{n}.test" for n in range(12)) + " -all"]}
    loop |= {(f"l{n}.test", "TXT"): ["v=spf1 -all"] for n in range(12)}
    seen = findings({**GOOD, **deep, **loop, ("acme.test", "TXT"): records})
    assert (seen["SPF"], seen.get(COVERS, "absent")) == (spf, covers)


def test_a_named_selector_is_the_only_one_asked_for_and_may_be_missing() -> None:
    assert findings(GOOD, selector="google")["DKIM"] is True
    assert findings(GOOD, selector="other")["DKIM"] is False


def test_a_revoked_key_is_no_key() -> None:
    assert findings({**GOOD, ("google._domainkey.acme.test", "TXT"): ["v=DKIM1; p="]})["DKIM"] is False


def test_a_subdomain_obeys_its_organisation_s_dmarc() -> None:
    sub = {
        (name.replace("acme.test", "sales.acme.test") if not name.startswith("_dmarc") else name, kind): v
        for (name, kind), v in GOOD.items()
    }
    assert findings(sub, domain="sales.acme.test")["DMARC"] is True


def test_without_spf_and_dkim_that_fit_a_strict_dmarc_is_no_good() -> None:
    seen = findings({key: v for key, v in GOOD.items() if key[1] == "MX" or key[0] == "_dmarc.acme.test"})
    assert seen["DMARC alignment"] is False


def test_a_domain_that_takes_no_mail_is_told() -> None:
    """RFC 7505."""
    assert findings({**GOOD, ("acme.test", "MX"): ["0 ."]})["MX"] is False


def test_an_address_without_a_name_that_leads_back_is_told() -> None:
    assert findings({key: v for key, v in OWN.items() if key[1] != "PTR"}, "mail.acme.test")["reverse name"] is None


def test_a_name_server_that_is_silent_makes_no_finding() -> None:
    def silent(name: str, kind: str) -> list[str]:
        raise OSError("no name server answers")

    found = check_domain("acme.test", silent)
    assert ([(each.name, each.ok) for each in found], blocks(found)) == ([("dns", None)], False)


def test_names_that_nobody_can_know_are_not_asked_for() -> None:
    assert [is_public(each) for each in ("acme.com", "acme.test", "corp.local", "mail.example.com", "localhost")] == [True, *[False] * 4]


@pytest.mark.parametrize("given", ["ns.example", "127.0.0.1:x", "1.2.3", "127.0.0.1:70000"])
def test_what_is_no_name_server_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        look_up_at(given)
