"""What is wrong with a mailbox, in a badge and a sentence that says what to do (SEQ-105, SEQ-109, L3).

The state comes from the outcome of a call, the kind from what the server said: rows from the most specific to the most general.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of failure. `todo` is for the person whose mailbox it is."""

    kind: str
    badge: str
    todo: str


CONNECT_AGAIN = "`segue mailbox add` with its address, and the new password, repairs it"
_ROWS: tuple[tuple[str, str, Trouble], ...] = (
    (
        "sign_in",
        r"5\.7\.9\b|application-specific|app password",
        Trouble("app_password", "Inbox disconnected", f"The account needs an app password; make one at your provider. {CONNECT_AGAIN}."),
    ),
    (
        "sign_in",
        r"invalid_grant|consent|revoked|5\.7\.14\b|web ?browser|webalert",
        Trouble(
            "consent", "Inbox disconnected", f"The provider wants you to sign in there, in a browser, and allow Segue. {CONNECT_AGAIN}."
        ),
    ),
    (
        "sign_in",
        r"blocked|suspended|locked|disabled|deactivated|closed",
        Trouble("account_blocked", "Inbox disconnected", "The provider has blocked the account. Ask the provider or your administrator."),
    ),
    ("sign_in", "", Trouble("password", "Inbox disconnected", f"The server refuses user name or password. {CONNECT_AGAIN}.")),
    (
        "misconfigured",
        r"5\.7\.(139|30|57)\b|basic authentication|authentication (is )?disabled",
        Trouble(
            "passwords_off",
            "Inbox disconnected",
            "The provider takes no passwords for this account any more. An administrator must allow SMTP sign-in, or use another mailbox.",
        ),
    ),
    (
        "misconfigured",
        r"lacks authentication|5\.7\.(2[0-7]|515)\b",
        Trouble(
            "domain",
            "Send failure",
            "Receivers refuse the sending domain: SPF, DKIM, DMARC or the reverse name is missing. `segue doctor` says which.",
        ),
    ),
    (
        "misconfigured",
        r"5\.1\.[78]\b|5\.7\.60\b|send ?as|sender address|not owned by|not allowed to send",
        Trouble("sender", "Send failure", "The server does not let this account send from its address. Correct the address or user name."),
    ),
    (
        "misconfigured|unreachable",
        r"^TLS failed",
        Trouble("tls", "Inbox disconnected", "The server's certificate or TLS does not hold. Check host and port."),
    ),
    (
        "misconfigured|unreachable",
        r"^name look-up",
        Trouble("name", "Inbox disconnected", "The server's name is not known. Check the host names."),
    ),
    (
        "misconfigured",
        "",
        Trouble("settings", "Inbox disconnected", "The settings cannot work; `segue mailbox test` says what is wrong."),
    ),
    (
        "blocked",
        "",
        Trouble(
            "blocked", "Blocked", "The provider refuses to send for this mailbox. Ask the provider; it is tried again ever more rarely."
        ),
    ),
    (
        "unreachable",
        r"refused [A-Z]+",
        Trouble("reading", "Inbox disconnected", "The incoming server refuses to show the mailbox; it is tried again every few minutes."),
    ),
    ("unreachable", "", Trouble("unreachable", "Inbox disconnected", "The server cannot be reached; it is tried again every few minutes.")),
)
RATE_LIMIT = Trouble("rate_limit", "Rate limit reached", "It goes on by itself when there is room again.")


def trouble_of(state: str, detail: str) -> Trouble | None:
    """Return what is wrong with a mailbox in this state; None when it works."""
    for wanted, words, trouble in _ROWS:
        if state in wanted.split("|") and re.search(words, detail, re.IGNORECASE):
            return trouble
    return None
