"""Which opens and clicks a person made (SCI-40): one case that fires and one that does not for each rule, and for each entry of the file."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from ipaddress import ip_network

import pytest

from segue.domain.machine_events import (
    Reason,
    Seen,
    Signs,
    Verdict,
    clicked_many,
    is_scanning_system,
    network_of,
    share_network,
    signs_of,
    verdict_of,
)

CONTENT = json.loads(files("segue.features.mail").joinpath("machine_signs.json").read_text(encoding="utf-8"))
SIGNS = Signs.read(CONTENT)
SENT = datetime(2027, 1, 11, 9, tzinfo=UTC)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
PERSON = Seen("GET", CHROME, "", "203.0.113.7", SENT + timedelta(minutes=5), SENT)
PEOPLE = [
    CHROME,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36 Edg/129.0",
]


@pytest.mark.parametrize("agent", PEOPLE)
def test_no_person_is_lost(agent):
    assert signs_of(replace(PERSON, agent=agent), SIGNS) == ()


@pytest.mark.parametrize("entry", CONTENT["scanner_agents"], ids=lambda e: e["has"])
def test_every_agent_of_the_file_is_found(entry):
    assert entry["source"]
    seen = replace(PERSON, agent=f"Mozilla/5.0 (compatible; {entry['has'].title()})")
    assert Reason.SCANNER_AGENT in signs_of(seen, SIGNS)


@pytest.mark.parametrize("entry", [*CONTENT["scanner_networks"], *CONTENT["prefetch_networks"]], ids=lambda e: e["net"])
def test_every_network_of_the_file_is_found_from_its_first_to_its_last_address(entry):
    network = ip_network(entry["net"])
    for address in (network[0], network[-1]):
        assert verdict_of(signs_of(replace(PERSON, address=str(address)), SIGNS)) is not Verdict.HUMAN
    assert (
        verdict_of(
            signs_of(
                replace(PERSON, address=str(network[-1] + 1)), Signs.read({**CONTENT, "scanner_networks": [entry], "prefetch_networks": []})
            )
        )
        is Verdict.HUMAN
    )


@pytest.mark.parametrize(
    ("changed", "reasons", "verdict"),
    [
        ({"method": "HEAD"}, (Reason.HEAD_REQUEST,), Verdict.MACHINE),
        ({"at": SENT + timedelta(seconds=1.9)}, (Reason.TOO_SOON,), Verdict.MACHINE),
        ({"at": SENT + timedelta(seconds=2)}, (), Verdict.HUMAN),
        ({"accepted_at": None}, (Reason.TOO_SOON,), Verdict.MACHINE),
        ({"agent": "Mozilla/5.0"}, (Reason.PREFETCH_AGENT,), Verdict.PREFETCH),
        ({"agent": "Mozilla/5.0 "}, (Reason.PREFETCH_AGENT,), Verdict.PREFETCH),
        ({"agent": "Mozilla/5.0 (GoogleImageProxy)"}, (Reason.IMAGE_PROXY,), Verdict.HUMAN),
        ({"agent": ""}, (Reason.SCANNER_AGENT,), Verdict.MACHINE),
        ({"referrer": "https://eur01.safelinks.protection.outlook.com/"}, (Reason.SCANNER_AGENT,), Verdict.MACHINE),
        ({"agent": "Mozilla/5.0", "method": "HEAD"}, (Reason.HEAD_REQUEST, Reason.PREFETCH_AGENT), Verdict.MACHINE),
        ({"address": "no address"}, (), Verdict.HUMAN),
        ({"address": "::ffff:67.231.152.9"}, (Reason.SCANNER_NETWORK,), Verdict.MACHINE),
    ],
)
def test_all_signs_are_kept_and_the_first_decides(changed, reasons, verdict):
    assert signs_of(replace(PERSON, **changed), SIGNS) == reasons
    assert verdict_of(reasons) is verdict


def clicks(*seconds_and_places):
    return [(SENT + timedelta(seconds=s), place) for s, place in seconds_and_places]


@pytest.mark.parametrize(
    ("given", "links", "found"),
    [
        (clicks((0, 1), (2, 2), (5, 3)), 9, {0, 1, 2}),
        (clicks((0, 1), (2, 2), (5.1, 3)), 9, set()),
        (clicks((0, 1), (1, 1), (2, 1)), 9, set()),
        (clicks((0, 1), (4, 2)), 2, {0, 1}),
        (clicks((0, 1), (6, 2)), 2, set()),
        (clicks((0, 1)), 1, set()),
        (clicks((0, 1), (1, 2), (2, 3), (60, 4)), 9, {0, 1, 2}),
    ],
)
def test_a_burst_of_clicks_is_a_machine_and_a_single_link_is_not(given, links, found):
    assert clicked_many(given, links) == found


def test_five_people_behind_one_network_within_ten_minutes():
    def at(minutes, contact):
        return (SENT + timedelta(minutes=minutes), contact)

    assert share_network([at(m, m) for m in range(5)]) == set(range(5))
    assert share_network([at(m, m) for m in range(4)] + [at(4, 0)]) == set()
    assert share_network([at(m * 3, m) for m in range(5)]) == set()


def test_a_system_that_touches_four_of_five_mails_within_a_minute():
    assert is_scanning_system(50, 40)
    assert not is_scanning_system(50, 39)
    assert not is_scanning_system(49, 49)


def test_only_the_network_of_an_address_is_remembered():
    assert network_of("203.0.113.7") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert network_of("nobody") == ""
