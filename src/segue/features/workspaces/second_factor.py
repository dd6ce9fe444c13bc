"""The second factor: codes of an authenticator that are taken once each, and recovery codes for when it is lost (reliability.md §8)."""

import base64
from typing import Any

import pyotp

from segue.db.tx import Tx
from segue.domain.access_tokens import digest_of, make_recovery_code
from segue.domain.account_events import SecondFactorChanged
from segue.domain.errors import Conflict, Unauthenticated
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.service import get_workspace, write_settings
from segue.features.workspaces.user_sessions import REQUIRE_SECOND_FACTOR
from segue.features.workspaces.vault import Sealed, Vault

TOTP_SECRET = Sealed("user_credentials", "totp_secret", "user_id")
RECOVERY_CODES = 10
PERIOD = 30
"""Seconds a code lasts; the one before and the one after are taken too, for clocks that differ (RFC 6238 §5.2)."""


def get_credentials(tx: Tx, user_id: int) -> dict[str, Any]:
    """Return a user's credentials, locked until the commit; made where there are none."""
    tx.run(
        "INSERT INTO user_credentials (workspace_id, user_id) VALUES (%(ws)s, %(user)s) ON CONFLICT (workspace_id, user_id) DO NOTHING",
        {"user": user_id},
    )
    row = tx.one("SELECT * FROM user_credentials WHERE workspace_id = %(ws)s AND user_id = %(user)s FOR UPDATE", {"user": user_id})
    assert row is not None
    return row


def begin_totp(tx: Tx, user_id: int, vault: Vault) -> tuple[str, str]:
    """Draw a new authenticator secret; returns it and the `otpauth:` address of its picture. It counts once a code has confirmed it.

    Raises:
        Conflict: there is a confirmed one; it has to be removed first.
    """
    row = get_credentials(tx, user_id)
    if row["totp_confirmed_at"] is not None:
        raise Conflict("There is an authenticator already.", hint="Remove it first.")
    secret = base64.b32encode(tx.db.random_bytes(20)).decode()  # 160 bits, as RFC 4226 wants
    tx.run(
        "UPDATE user_credentials SET totp_secret = %(sealed)s, totp_last_step = 0 WHERE workspace_id = %(ws)s AND user_id = %(user)s",
        {"user": user_id, "sealed": vault.seal(tx, secret, TOTP_SECRET, user_id)},
    )
    name = f"Segue {get_workspace(tx)['name']}"
    return secret, pyotp.TOTP(secret).provisioning_uri(name=get_user_row(tx, user_id)["email"], issuer_name=name)


def confirm_totp(tx: Tx, user_id: int, code: str, vault: Vault) -> list[str]:
    """Let the authenticator count from now on; returns ten recovery codes, which are shown once.

    Raises:
        Conflict: there is nothing to confirm.
        Unauthenticated: the code is wrong.
    """
    row = get_credentials(tx, user_id)
    if row["totp_secret"] is None or row["totp_confirmed_at"] is not None:
        raise Conflict("There is no authenticator that waits for its first code.", hint="Begin anew.")
    if not take_totp(tx, row, code, vault):
        raise Unauthenticated("This code is wrong.", hint="Take the newest one; check the clock of the phone.", code="second_factor_wrong")
    tx.run(
        "UPDATE user_credentials SET totp_confirmed_at = %(now)s WHERE workspace_id = %(ws)s AND user_id = %(user)s",
        {"user": user_id, "now": tx.now},
    )
    tx.record(SecondFactorChanged(user=get_user_row(tx, user_id)["email"], what="authenticator added"))
    return renew_recovery_codes(tx, user_id)


def remove_totp(tx: Tx, user_id: int) -> None:
    """Take the authenticator and the recovery codes away; where there is none nothing happens."""
    had = tx.run(
        """UPDATE user_credentials SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0
           WHERE workspace_id = %(ws)s AND user_id = %(user)s AND totp_secret IS NOT NULL""",
        {"user": user_id},
    )
    tx.run("DELETE FROM recovery_codes WHERE workspace_id = %(ws)s AND user_id = %(user)s", {"user": user_id})
    if had:
        tx.record(SecondFactorChanged(user=get_user_row(tx, user_id)["email"], what="authenticator removed"))


def renew_recovery_codes(tx: Tx, user_id: int) -> list[str]:
    """Replace the recovery codes; those of before are void."""
    codes = [make_recovery_code(tx.db.random_bytes(8)) for _ in range(RECOVERY_CODES)]
    tx.run("DELETE FROM recovery_codes WHERE workspace_id = %(ws)s AND user_id = %(user)s", {"user": user_id})
    tx.run(
        "INSERT INTO recovery_codes (workspace_id, user_id, digest) SELECT %(ws)s, %(user)s, unnest(%(digests)s::bytea[])",
        {"user": user_id, "digests": [digest_of(code) for code in codes]},
    )
    return codes


def take_second_factor(tx: Tx, row: dict[str, Any], code: str, vault: Vault) -> str:
    """Take a code of the authenticator or a recovery code: `totp`, `recovery`, or empty where it is neither or was taken before."""
    plain = code.strip().replace(" ", "")
    if plain.isdecimal():
        return "totp" if row["totp_confirmed_at"] is not None and take_totp(tx, row, plain, vault) else ""
    used = tx.run(
        """UPDATE recovery_codes SET used_at = %(now)s
           WHERE workspace_id = %(ws)s AND user_id = %(user)s AND digest = %(digest)s AND used_at IS NULL""",
        {"user": row["user_id"], "digest": digest_of(plain.lower()), "now": tx.now},
    )
    return "recovery" if used else ""


def take_totp(tx: Tx, row: dict[str, Any], code: str, vault: Vault) -> bool:
    """Take a code of this period or a neighbour; none is taken twice, nor any older than the last one. `row` is locked."""
    totp = pyotp.TOTP(vault.open(tx, row["totp_secret"], TOTP_SECRET, row["user_id"]))
    now = int(tx.db.clock.wall().timestamp()) // PERIOD
    for step in (now - 1, now, now + 1):
        if step > row["totp_last_step"] and pyotp.utils.strings_equal(totp.generate_otp(step), code):
            tx.run(
                "UPDATE user_credentials SET totp_last_step = %(step)s WHERE workspace_id = %(ws)s AND user_id = %(user)s",
                {"user": row["user_id"], "step": step},
            )
            return True
    return False


def require_second_factor(tx: Tx, *, required: bool) -> None:
    """Want a second factor of everybody, or leave it to each: who signs in without one can then only set one up."""
    write_settings(tx, {REQUIRE_SECOND_FACTOR: required})
