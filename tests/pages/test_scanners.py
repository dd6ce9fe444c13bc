"""S17, G14: thirty scanners fetch every public link, at once and again and again, and afterwards every table but telemetry is the same."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import httpx2
import psycopg
import pytest

from pages.conftest import ANN, html_step
from pages.serving import served
from segue.db.tables import metadata
from segue.http.limits import RateLimit

TELEMETRY = {"tracking_events", "hour_log", "hour_evidence"}
AGENTS = [
    "Mozilla/5.0",
    "Barracuda Sentinel (EE)",
    "Mozilla/5.0 (compatible; Barracuda Central)",
    "Mimecast-URL-Protect/1.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Proofpoint URL Defense",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice rmj)",
    "Microsoft Office Existence Discovery",
    "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; MSIE 9.0; Trident/5.0) SafeLinks",
    "BingPreview/1.0b",
    "Symantec Email Security.cloud ClickTime",
    "TrendMicro-WTP",
    "Sophos-Email-Scanner",
    "FireEye-ETP",
    "Cisco-IronPort/12",
    "ForcepointURLScanner",
    "Avanan-Click-Time",
    "Vade Secure",
    "Hornetsecurity-URL-Rewrite",
    "Slackbot-LinkExpanding 1.0",
    "facebookexternalhit/1.1",
    "LinkedInBot/1.0",
    "WhatsApp/2.23",
    "TelegramBot (like TwitterBot)",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "python-requests/2.32",
    "curl/8.5.0",
    "Go-http-client/2.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/128.0 Safari/537.36",
]
METHODS = ("GET", "HEAD", "OPTIONS")
BODY = '<p><a href="https://acme.example/a">one</a> <a href="https://acme.example/b">two</a></p>'


def digests(owner_url: str) -> dict[str, str]:
    """Return a digest of each table, telemetry aside."""
    with psycopg.connect(owner_url) as connection:
        return {
            table: connection.execute(f"SELECT md5(COALESCE(string_agg(t::text, '\n' ORDER BY t::text), '')) FROM {table} AS t").fetchone()[
                0
            ]
            for table in sorted(set(metadata.tables) - TELEMETRY)
        }


@pytest.fixture
def links(public) -> list[str]:
    public.start(ANN, "bob@prospect.test", step=html_step(BODY))
    public.small.clock.at = public.small.clock.at.replace(second=30)
    found = [
        path for who in (ANN, "bob@prospect.test") for path in (public.link(to=who), *public.paths("o", to=who), *public.paths("c", to=who))
    ]
    assert len(found) == 8
    return [*found, "/u/" + "a" * 32, "/o/" + "a" * 32, "/c/" + "a" * 32, "/livez", "/readyz"]


def test_thirty_scanners_change_nothing_but_telemetry(public, links, db_urls):
    assert len(AGENTS) == 30
    limits = public.browser.app.state.limits
    limits["read"] = RateLimit(public.small.clock, 100_000)  # every scanner comes from this machine: let none of them be turned away
    before = digests(db_urls.owner_url)
    with (
        served(public.browser.app) as address,
        httpx2.Client(base_url=address, follow_redirects=False, trust_env=False, timeout=60) as client,
    ):

        def fetch(what: tuple[str, str, str]) -> int:
            agent, path, method = what
            return client.request(method, path, headers={"User-Agent": agent}).status_code

        with ThreadPoolExecutor(8) as scanners:
            answers = list(scanners.map(fetch, list(product(AGENTS, links, METHODS)) * 2))
    public.telemetry.flush()
    assert digests(db_urls.owner_url) == before
    assert len(answers) == 30 * 13 * 3 * 2
    assert set(answers) == {200, 302, 404, 405}
    assert answers.count(200) == 30 * 2 * (2 * 2 + 3 * 2 + 2), "two pages and three points by GET and HEAD, and two health checks by GET"
    assert public.events(), "the scanners were seen"


def test_the_comparison_sees_an_opt_out(public, links, db_urls):
    """The same comparison finds the one change that a POST makes."""
    before = digests(db_urls.owner_url)
    public.browser.post(links[0])
    changed = {table for table, digest in digests(db_urls.owner_url).items() if digest != before[table]}
    assert {"enrollments", "suppressions", "events"} <= changed
