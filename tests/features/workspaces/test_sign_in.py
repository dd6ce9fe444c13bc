"""Signing in below HTTP: passwords, second factors, invitations, resets, the first run (X1, X7, S18)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from make import MONDAY, REP, Small, make_small
from segue.db.tx import Database
from segue.domain.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from segue.domain.permissions import OPERATOR, Role
from segue.features.workspaces.api_keys import NewKey, authenticate_key, create_key
from segue.features.workspaces.audit import list_audit
from segue.features.workspaces.joining import (
    NewOwner,
    accept_invitation,
    invite,
    issue_first_run,
    request_reset,
    reset_password,
    take_first_run,
)
from segue.features.workspaces.passwords import Cost, Hasher
from segue.features.workspaces.queries import get_actor, get_user_row
from segue.features.workspaces.second_factor import (
    RECOVERY_CODES,
    begin_totp,
    confirm_totp,
    remove_totp,
    require_second_factor,
)
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.sign_in import Doorkeeper, change_password, give_second_factor, set_password, sign_in
from segue.features.workspaces.user_sessions import Visitor, authenticate_session
from segue.features.workspaces.users import UserChange, write_user
from segue.features.workspaces.vault import Vault
from segue.ports import StoppedClock

GOOD, BETTER = "violins louder than drums", "teapots colder than rivers"
HERE = Visitor("192.0.2.1", "Firefox")
MINUTE = timedelta(minutes=1)
CHEAP = Cost(1, 8, 1)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


@pytest.fixture
def keeper(small: Small) -> Doorkeeper:
    made = Doorkeeper(small.db, small.vault, Hasher(CHEAP))
    with small.db.tx(small.workspace_id) as tx:
        set_password(tx, small.user_id, GOOD, made.hasher)
    return made


def refused(call, *arguments, **more) -> str:
    with pytest.raises((Unauthenticated, Forbidden, TooMany)) as caught:
        call(*arguments, **more)
    return caught.value.code


def totp(small: Small, keeper: Doorkeeper) -> tuple[pyotp.TOTP, list[str]]:
    with small.db.tx(small.workspace_id) as tx:
        secret, uri = begin_totp(tx, small.user_id, keeper.vault)
    assert uri.startswith("otpauth://totp/Segue%20Acme:rep%40acme.test")
    made = pyotp.TOTP(secret)
    with small.db.tx(small.workspace_id) as tx:
        codes = confirm_totp(tx, small.user_id, made.at(small.clock.at), keeper.vault)
    small.clock.advance(MINUTE)
    return made, codes


def test_the_right_password_opens_and_nothing_else(small: Small, keeper: Doorkeeper) -> None:
    session = sign_in(keeper, f" {REP.upper()} ", GOOD, HERE).session
    principal = authenticate_session(small.db, session)
    assert (principal.actor.email, principal.credential_name, principal.name) == (REP, "password", REP)
    assert refused(sign_in, keeper, REP, GOOD + " ", HERE) == "sign_in_wrong"
    assert refused(sign_in, keeper, "nobody@acme.test", GOOD, HERE) == "sign_in_wrong"
    assert refused(sign_in, keeper, REP, "", HERE) == "sign_in_wrong"
    with small.db.tx(small.workspace_id) as tx:
        entry = list_audit(tx)[0]
        assert (entry["kind"], entry["address"], entry["data"]["user"]) == ("sign_in_refused", "192.0.2.1", REP)


def test_the_database_holds_argon2id_and_no_password(small: Small, keeper: Doorkeeper) -> None:
    """S23."""
    [row] = small.sql("SELECT password_hash FROM user_credentials WHERE workspace_id = %(ws)s")
    assert row["password_hash"].startswith("$argon2id$")
    stronger = Doorkeeper(small.db, small.vault, Hasher(Cost(2, 8, 1)))
    assert sign_in(stronger, REP, GOOD, HERE).session
    [row] = small.sql("SELECT password_hash FROM user_credentials WHERE workspace_id = %(ws)s")
    assert ",t=2," in row["password_hash"], "a hash of another cost is made anew at the next sign-in"


def test_wrong_tries_are_counted_and_make_the_next_one_wait(small: Small, keeper: Doorkeeper) -> None:
    for _ in range(5):
        assert refused(sign_in, keeper, REP, "wrong", HERE) == "sign_in_wrong"
    assert refused(sign_in, keeper, REP, GOOD, HERE) == "too_many_tries"
    small.clock.advance(MINUTE)
    assert refused(sign_in, keeper, REP, "wrong", HERE) == "sign_in_wrong"
    assert refused(sign_in, keeper, REP, GOOD, HERE) == "sign_in_wrong", "locked, and nothing says so"
    small.clock.advance(MINUTE)
    assert sign_in(keeper, REP, GOOD, HERE).session
    assert small.sql("SELECT failures FROM user_credentials WHERE workspace_id = %(ws)s") == [{"failures": 0}]
    for number in range(40):
        small.clock.advance(MINUTE)
        assert refused(sign_in, keeper, REP, "wrong", Visitor(f"198.51.100.{number}")) == "sign_in_wrong"
    [row] = small.sql("SELECT locked_until FROM user_credentials WHERE workspace_id = %(ws)s")
    assert row["locked_until"] - small.clock.at <= timedelta(minutes=15)


def test_one_address_may_try_twenty_times_a_minute_whatever_the_account(keeper: Doorkeeper) -> None:
    """X7."""
    for number in range(20):
        assert refused(sign_in, keeper, f"user{number}@acme.test", "wrong", HERE) == "sign_in_wrong"
    assert refused(sign_in, keeper, "user20@acme.test", "wrong", HERE) == "too_many_tries"
    assert refused(sign_in, keeper, "user20@acme.test", "wrong", Visitor("192.0.2.2")) == "sign_in_wrong"


def test_with_an_authenticator_the_password_alone_opens_nothing(small: Small, keeper: Doorkeeper) -> None:
    authenticator, _ = totp(small, keeper)
    asked = sign_in(keeper, REP, GOOD, HERE)
    assert (asked.session, bool(asked.second_factor)) == ("", True)
    assert refused(authenticate_session, small.db, asked.second_factor) == "session_unknown"
    assert refused(give_second_factor, keeper, asked.second_factor, "000000", HERE) == "second_factor_wrong"
    session = give_second_factor(keeper, asked.second_factor, authenticator.at(small.clock.at), HERE).session
    assert authenticate_session(small.db, session).credential_name == "password+totp"
    assert refused(give_second_factor, keeper, asked.second_factor, authenticator.at(small.clock.at), HERE) == "token_unknown"


def test_a_code_is_taken_once_and_never_an_older_one(small: Small, keeper: Doorkeeper) -> None:
    authenticator, _ = totp(small, keeper)
    code, older = authenticator.at(small.clock.at), authenticator.at(small.clock.at - timedelta(seconds=30))
    give_second_factor(keeper, sign_in(keeper, REP, GOOD, HERE).second_factor, code, HERE)
    for used in (code, older):
        asked = sign_in(keeper, REP, GOOD, HERE).second_factor
        assert refused(give_second_factor, keeper, asked, used, HERE) == "second_factor_wrong"
    next_one = authenticator.at(small.clock.at + timedelta(seconds=30))
    assert give_second_factor(keeper, sign_in(keeper, REP, GOOD, HERE).second_factor, next_one, HERE).session


def test_a_recovery_code_stands_in_once(small: Small, keeper: Doorkeeper) -> None:
    _, codes = totp(small, keeper)
    assert len(set(codes)) == RECOVERY_CODES
    session = give_second_factor(keeper, sign_in(keeper, REP, GOOD, HERE).second_factor, codes[0].upper(), HERE).session
    assert authenticate_session(small.db, session).credential_name == "password+recovery"
    asked = sign_in(keeper, REP, GOOD, HERE).second_factor
    assert refused(give_second_factor, keeper, asked, codes[0], HERE) == "second_factor_wrong"
    assert not set(codes) & {str(row) for row in small.sql("SELECT * FROM recovery_codes WHERE workspace_id = %(ws)s")}


def test_five_wrong_codes_void_the_token(small: Small, keeper: Doorkeeper) -> None:
    authenticator, _ = totp(small, keeper)
    asked = sign_in(keeper, REP, GOOD, HERE).second_factor
    for number in range(5):
        assert refused(give_second_factor, keeper, asked, f"00000{number}", Visitor(f"192.0.2.{number}")) == "second_factor_wrong"
    small.clock.advance(MINUTE)
    assert refused(give_second_factor, keeper, asked, authenticator.at(small.clock.at), HERE) == "token_unknown"


def test_a_workspace_may_want_a_second_factor_of_everybody(small: Small, keeper: Doorkeeper) -> None:
    with small.db.tx(small.workspace_id) as tx:
        require_second_factor(tx, required=True)
    session = sign_in(keeper, REP, GOOD, HERE).session
    assert authenticate_session(small.db, session).scopes == frozenset()
    authenticator, _ = totp(small, keeper)
    asked = sign_in(keeper, REP, GOOD, HERE).second_factor
    session = give_second_factor(keeper, asked, authenticator.at(small.clock.at), HERE).session
    assert authenticate_session(small.db, session).has("contacts:write")
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict):
        begin_totp(tx, small.user_id, keeper.vault)
    with small.db.tx(small.workspace_id) as tx:
        remove_totp(tx, small.user_id)
        require_second_factor(tx, required=False)
    assert sign_in(keeper, REP, GOOD, HERE).session


def test_another_password_ends_every_session_and_key_but_the_new_one(small: Small, keeper: Doorkeeper) -> None:
    """X1."""
    old, elsewhere = sign_in(keeper, REP, GOOD, HERE).session, sign_in(keeper, REP, GOOD, HERE).session
    with small.db.tx(small.workspace_id) as tx:
        key = create_key(tx, small.user_id, NewKey("CRM", ("all",)), by=OPERATOR)[1]
    me = authenticate_session(small.db, old)
    assert refused(change_password, keeper, authenticate_key(small.db, key), GOOD, BETTER, HERE) == "person_needed"
    assert refused(change_password, keeper, me, "wrong", BETTER, HERE) == "sign_in_wrong"
    with pytest.raises(Invalid):
        change_password(keeper, me, GOOD, "password1234", HERE)
    assert authenticate_session(small.db, old)
    new = change_password(keeper, me, GOOD, BETTER, HERE)
    assert authenticate_session(small.db, new).actor.email == REP
    assert {refused(authenticate_session, small.db, each) for each in (old, elsewhere)} == {"session_over"}
    assert refused(authenticate_key, small.db, key) == "key_revoked"
    small.clock.advance(MINUTE)
    assert refused(sign_in, keeper, REP, GOOD, HERE) == "sign_in_wrong"
    assert sign_in(keeper, REP, BETTER, HERE).session


def test_an_invitation_lets_one_user_in_once(small: Small, keeper: Doorkeeper) -> None:
    with small.db.tx(small.workspace_id) as tx:
        _, void = invite(tx, "bob@acme.test", UserChange(role=Role.MANAGER, team="north"), by=OPERATOR)
        _, token = invite(tx, "bob@acme.test", UserChange(), by=OPERATOR)
        with pytest.raises(Forbidden):
            invite(tx, "eve@acme.test", UserChange(), by=get_actor(tx, "bob@acme.test"))
        with pytest.raises(Conflict):
            invite(tx, REP, UserChange(), by=OPERATOR)
    assert refused(accept_invitation, keeper, void, BETTER, HERE) == "token_unknown"
    assert refused(reset_password, keeper, token, BETTER, HERE) == "token_unknown"
    with pytest.raises(Invalid):
        accept_invitation(keeper, token, "bobbob123456", HERE)
    principal = authenticate_session(small.db, accept_invitation(keeper, token, BETTER, HERE).session)
    assert (principal.actor.email, principal.actor.role, principal.actor.team) == ("bob@acme.test", Role.MANAGER, "north")
    assert refused(accept_invitation, keeper, token, GOOD, HERE) == "token_unknown"
    assert sign_in(keeper, "bob@acme.test", BETTER, HERE).session
    with small.db.tx(small.workspace_id) as tx:
        _, late = invite(tx, "cid@acme.test", UserChange(), by=OPERATOR)
    small.clock.advance(timedelta(days=7))
    assert refused(accept_invitation, keeper, late, BETTER, HERE) == "token_unknown"


def test_a_reset_sets_the_password_and_skips_no_second_factor(small: Small, keeper: Doorkeeper) -> None:
    totp(small, keeper)
    with small.db.tx(small.workspace_id) as tx:
        token = request_reset(tx, small.user_id)
    for place in range(0, len(token), 9):
        other = "A" if token[place] != "A" else "B"
        assert refused(reset_password, keeper, token[:place] + other + token[place + 1 :], BETTER, HERE) == "token_unknown"
        small.clock.advance(MINUTE)
    reset_password(keeper, token, BETTER, HERE)
    assert refused(reset_password, keeper, token, GOOD, HERE) == "token_unknown"
    entered = sign_in(keeper, REP, BETTER, HERE)
    assert (entered.session, bool(entered.second_factor)) == ("", True)
    with small.db.tx(small.workspace_id) as tx:
        late = request_reset(tx, small.user_id)
    small.clock.advance(timedelta(hours=1))
    assert refused(reset_password, keeper, late, GOOD, HERE) == "token_unknown"


def test_who_was_deactivated_comes_in_by_nothing(small: Small, keeper: Doorkeeper) -> None:
    with small.db.tx(small.workspace_id) as tx:
        bob, token = invite(tx, "bob@acme.test", UserChange(), by=OPERATOR)
        set_password(tx, bob, BETTER, keeper.hasher)
    with small.db.tx(small.workspace_id) as tx:
        reset = request_reset(tx, bob)
        write_user(tx, bob, UserChange(active=False))
    assert refused(accept_invitation, keeper, token, BETTER, HERE) == "token_unknown"
    assert refused(reset_password, keeper, reset, BETTER, HERE) == "token_unknown"
    assert refused(sign_in, keeper, "bob@acme.test", BETTER, HERE) == "sign_in_wrong"


def test_a_person_of_two_workspaces_comes_into_the_one_they_name(small: Small, keeper: Doorkeeper) -> None:
    other = create_workspace(small.db, "Other")
    with small.db.tx(other) as tx:
        set_password(tx, find_or_create_user(tx, REP), BETTER, keeper.hasher)
    for password, workspace in ((GOOD, small.workspace_id), (BETTER, other)):
        assert authenticate_session(small.db, sign_in(keeper, REP, password, HERE).session).workspace_id == workspace
    assert refused(sign_in, keeper, REP, GOOD, HERE, workspace=other) == "sign_in_wrong"
    assert sign_in(keeper, REP, BETTER, HERE, workspace=other).session


def test_the_first_one_becomes_owner_by_the_token_on_the_console_and_only_they(db_urls, small: Small, tmp_path: Path) -> None:
    keeper = Doorkeeper(small.db, small.vault, Hasher(CHEAP))
    token = issue_first_run(small.db, tmp_path)
    assert token not in (tmp_path / "first-run.json").read_text()
    new = NewOwner("boss@acme.test", BETTER, name="The Boss", timezone="Europe/Berlin")
    assert BETTER not in repr(new)
    assert refused(take_first_run, keeper, tmp_path, token[::-1], new, HERE) == "token_unknown"
    with pytest.raises(Invalid):
        take_first_run(keeper, tmp_path, token, NewOwner("boss@acme.test", "password1234"), HERE)
    session = take_first_run(keeper, tmp_path, token, new, HERE).session
    assert authenticate_session(small.db, session).actor.role is Role.OWNER
    assert refused(take_first_run, keeper, tmp_path, token, new, HERE) == "token_unknown"
    assert issue_first_run(small.db, tmp_path) == ""
    assert not (tmp_path / "first-run.json").exists()


def test_the_first_run_makes_the_workspace_where_there_is_none(db_urls, tmp_path: Path) -> None:
    clock = StoppedClock(MONDAY)
    db = Database(db_urls.app_url, clock=clock)
    try:
        keeper = Doorkeeper(db, Vault(b"k" * 32), Hasher(CHEAP))
        late = issue_first_run(db, tmp_path)
        clock.advance(timedelta(hours=24))
        new = NewOwner("boss@acme.test", BETTER, workspace="Acme")
        assert refused(take_first_run, keeper, tmp_path, late, new, HERE) == "token_unknown"
        session = take_first_run(keeper, tmp_path, issue_first_run(db, tmp_path), new, HERE).session
        principal = authenticate_session(db, session)
        with db.tx(principal.workspace_id) as tx:
            assert get_user_row(tx, principal.actor.user_id)["role"] == "owner"
    finally:
        db.close()
