"""The doctor's look at a sending domain (MAIL-48): every finding can be good, bad or unknown."""

import pytest

from segue.features.mail.doctor import check_domain

GOOD = {
    ("acme.test", "MX"): ["10 mx.acme.test."],
    ("acme.test", "TXT"): ["other=1", "v=spf1 include:_spf.example -all"],
    ("fm1._domainkey.acme.test", "TXT"): ["v=DKIM1; p=MIIB"],
    ("_dmarc.acme.test", "TXT"): ["v=DMARC1; p=none"],
}


def findings(records: dict[tuple[str, str], list[str]]) -> dict[str, bool | None]:
    return {each.name: each.ok for each in check_domain("acme.test", lambda name, kind: records.get((name, kind), []))}


def test_a_domain_in_order_is_said_to_be_in_order() -> None:
    assert findings(GOOD) == {"MX": True, "SPF": True, "DKIM": True, "DMARC": True}


@pytest.mark.parametrize(
    ("missing", "name", "found"),
    [
        (("acme.test", "MX"), "MX", False),
        (("acme.test", "TXT"), "SPF", False),
        (("fm1._domainkey.acme.test", "TXT"), "DKIM", None),  # there is no list of selectors, so not finding one proves nothing
        (("_dmarc.acme.test", "TXT"), "DMARC", False),
    ],
)
def test_what_is_missing_is_named(missing: tuple[str, str], name: str, found: bool | None) -> None:
    assert findings({key: value for key, value in GOOD.items() if key != missing})[name] is found


def test_two_spf_records_are_as_bad_as_none() -> None:
    assert findings({**GOOD, ("acme.test", "TXT"): ["v=spf1 a -all", "v=spf1 mx -all"]})["SPF"] is False


def test_a_name_server_that_is_silent_makes_no_finding() -> None:
    def silent(name: str, kind: str) -> list[str]:
        raise OSError("no name server answers")

    assert [(each.name, each.ok) for each in check_domain("acme.test", silent)] == [("dns", None)]
