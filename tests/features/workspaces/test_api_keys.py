"""API keys and sessions: what lets a program or a person in, and what ends that (X1, reliability.md §8)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import Small, make_small
from segue.domain.access_tokens import KEY_PATTERN, digest_of, is_api_key, make_api_key, make_recovery_code, make_token
from segue.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from segue.domain.permissions import OPERATOR, Actor, Permission, Role
from segue.domain.scopes import ALL_SCOPES, SCOPES
from segue.features.workspaces.api_keys import NewKey, authenticate_key, create_key, list_keys, revoke_key
from segue.features.workspaces.audit import list_audit
from segue.features.workspaces.queries import get_actor
from segue.features.workspaces.service import create_workspace
from segue.features.workspaces.user_sessions import (
    ABSOLUTE,
    IDLE,
    Visitor,
    authenticate_session,
    end_session,
    list_sessions,
    start_session,
)
from segue.features.workspaces.users import UserChange, add_user, write_user

HOUR = timedelta(hours=1)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def make_key(small: Small, *scopes: str, user=None, **more) -> str:
    with small.db.tx(small.workspace_id, actor="cli") as tx:
        return create_key(tx, user or small.user_id, NewKey("CRM", scopes, **more), by=OPERATOR)[1]


def sign_in(small: Small, user=None) -> str:
    with small.db.tx(small.workspace_id) as tx:
        return start_session(tx, user or small.user_id, "password", Visitor("192.0.2.1", "Firefox"))


def add_bob(small: Small, **change):
    with small.db.tx(small.workspace_id) as tx:
        return add_user(tx, "bob@acme.test", UserChange(**change))


def code_of(call, *arguments, **more) -> str:
    with pytest.raises((Unauthenticated, Forbidden)) as caught:
        call(*arguments, **more)
    return caught.value.code


def test_a_key_is_known_by_its_form_and_mistyped_ones_are_told_without_the_database():
    import re

    key = make_api_key(bytes(range(32)))
    assert re.fullmatch(KEY_PATTERN, key)
    assert is_api_key(key)
    for place in range(len(key)):
        other = "A" if key[place] != "A" else "B"
        assert not is_api_key(key[:place] + other + key[place + 1 :]), place
    assert not is_api_key(key + "\n")
    assert not is_api_key("")
    assert (len(make_token(bytes(32))), len(make_recovery_code(b"\x07" * 8))) == (43, 14)


def test_a_key_acts_as_its_user_within_its_scopes(small: Small) -> None:
    key = make_key(small, "contacts:write", "tasks:read")
    principal = authenticate_key(small.db, key, address="192.0.2.1")
    assert (principal.workspace_id, principal.actor.user_id, principal.actor.role) == (small.workspace_id, small.user_id, Role.OWNER)
    assert [principal.has(scope) for scope in ("contacts:read", "contacts:write", "tasks:read", "tasks:write")] == [True, True, True, False]
    assert code_of(principal.require, "tasks:write") == "missing_scope"
    assert principal.name == "rep@acme.test by API key CRM"
    assert authenticate_key(small.db, make_key(small)).scopes == frozenset()
    assert authenticate_key(small.db, make_key(small, "all")).scopes == ALL_SCOPES == frozenset(SCOPES)


def test_the_database_keeps_no_key_and_the_list_shows_only_its_beginning(small: Small) -> None:
    """S23."""
    key = make_key(small, "all")
    [row] = small.sql("SELECT * FROM api_keys WHERE workspace_id = %(ws)s")
    assert bytes(row["digest"]) == digest_of(key)
    assert key not in str(row)
    with small.db.tx(small.workspace_id) as tx:
        assert key not in str(list_keys(tx)) + str(list_audit(tx))
        assert list_keys(tx)[0]["start"] == key[:12]


def test_use_is_noted_once_a_minute(small: Small) -> None:
    key = make_key(small)

    def used() -> tuple:
        [row] = small.sql("SELECT last_used_at, last_used_from FROM api_keys WHERE workspace_id = %(ws)s")
        return row["last_used_at"], row["last_used_from"]

    began = small.clock.at
    authenticate_key(small.db, key, address="192.0.2.1")
    small.clock.advance(timedelta(seconds=59))
    authenticate_key(small.db, key, address="192.0.2.2")
    assert used() == (began, "192.0.2.1")
    small.clock.advance(timedelta(seconds=1))
    authenticate_key(small.db, key, address="192.0.2.2")
    assert used() == (small.clock.at, "192.0.2.2")


def test_every_key_that_lets_nobody_in_says_why(small: Small) -> None:
    assert code_of(authenticate_key, small.db, "segue_nonsense") == "key_malformed"
    assert code_of(authenticate_key, small.db, make_api_key(b"x" * 32)) == "key_unknown"
    assert code_of(authenticate_key, small.db, make_api_key(b"x" * 32)) == "key_unknown"
    bound = make_key(small, addresses=("192.0.2.0/24", "2001:db8::1"))
    for address, lets_in in (("192.0.2.9", True), ("::ffff:192.0.2.9", True), ("2001:db8::1", True), ("198.51.100.1", False), ("", False)):
        if lets_in:
            authenticate_key(small.db, bound, address=address)
        else:
            assert code_of(authenticate_key, small.db, bound, address=address) == "address_not_allowed"
    short = make_key(small, expires_at=small.clock.at + HOUR)
    authenticate_key(small.db, short)
    small.clock.advance(HOUR)
    assert code_of(authenticate_key, small.db, short) == "key_expired"
    with small.db.tx(small.workspace_id) as tx:
        for row in list_keys(tx):
            assert revoke_key(tx, row["id"], by=OPERATOR)["state"] == "revoked"
            assert revoke_key(tx, row["id"], by=OPERATOR)["state"] == "revoked"
        assert list_keys(tx) == []
    assert code_of(authenticate_key, small.db, bound, address="192.0.2.9") == "key_revoked"


def test_what_a_key_cannot_be(small: Small) -> None:
    for wrong in (
        {"scopes": ("contacts:eat",)},
        {"expires_at": small.clock.at},
        {"addresses": ("here",)},
        {"name": " "},
        {"name": "x" * 101},
    ):
        with small.db.tx(small.workspace_id) as tx, pytest.raises(Invalid):
            create_key(tx, small.user_id, NewKey(**({"name": "n"} | wrong)), by=OPERATOR)
    bob = add_bob(small)
    with small.db.tx(small.workspace_id) as tx:
        write_user(tx, bob, UserChange(active=False))
        with pytest.raises(Conflict):
            create_key(tx, bob, NewKey("n"), by=OPERATOR)


def test_only_who_manages_keys_makes_them_and_the_owner_revokes_their_own(small: Small) -> None:
    bob = add_bob(small)
    make_key(small)
    make_key(small, user=bob)
    with small.db.tx(small.workspace_id) as tx:
        actor = get_actor(tx, "bob@acme.test")
        assert not actor.may(Permission.API)
        with pytest.raises(Forbidden):
            create_key(tx, bob, NewKey("n"), by=actor)
        [his] = list_keys(tx, owner=bob)
        [hers] = list_keys(tx, owner=small.user_id)
        with pytest.raises(NotFound):
            revoke_key(tx, hers["id"], by=actor)
        revoke_key(tx, his["id"], by=actor)
        assert [row["owner"] for row in list_keys(tx)] == ["rep@acme.test"]


def test_a_session_ends_by_idleness_for_good_and_by_hand(small: Small) -> None:
    token = sign_in(small)
    assert authenticate_session(small.db, token).scopes == ALL_SCOPES
    small.clock.advance(IDLE - HOUR)
    authenticate_session(small.db, token, address="192.0.2.7")
    small.clock.advance(IDLE - HOUR)
    assert authenticate_session(small.db, token).actor.email == "rep@acme.test"
    small.clock.advance(IDLE)
    assert code_of(authenticate_session, small.db, token) == "session_over"
    kept = sign_in(small)
    for _ in range(int(ABSOLUTE / HOUR / 8)):
        authenticate_session(small.db, kept)
        small.clock.advance(8 * HOUR)
    assert code_of(authenticate_session, small.db, kept) == "session_over"
    left = sign_in(small)
    with small.db.tx(small.workspace_id) as tx:
        [row] = list_sessions(tx, small.user_id)
        assert (row["agent"], row["address"]) == ("Firefox", "192.0.2.1")
        with pytest.raises(NotFound):
            end_session(tx, 999, row["id"])
        end_session(tx, small.user_id, row["id"])
        assert list_sessions(tx, small.user_id) == []
    assert code_of(authenticate_session, small.db, left) == "session_over"


def test_a_session_token_is_no_key_and_a_key_no_session(small: Small) -> None:
    assert code_of(authenticate_session, small.db, make_key(small, "all")) == "session_unknown"
    assert code_of(authenticate_key, small.db, sign_in(small)) == "key_malformed"
    assert code_of(authenticate_session, small.db, "") == "session_unknown"


@pytest.mark.parametrize(
    "change",
    [UserChange(active=False), UserChange(seat=False), UserChange(role=Role.VIEWER), UserChange(role=Role.ADMIN), UserChange(deleted=True)],
)
def test_who_loses_the_seat_the_role_or_the_place_is_out_at_once(small: Small, change: UserChange) -> None:
    """X1: and comes in with nothing that is older than the change."""
    bob = add_bob(small)
    key, session = make_key(small, "all", user=bob), sign_in(small, bob)
    with small.db.tx(small.workspace_id) as tx:
        write_user(tx, bob, UserChange(name="Bobby"))
    authenticate_key(small.db, key)
    with small.db.tx(small.workspace_id) as tx:
        write_user(tx, bob, change)
    assert code_of(authenticate_key, small.db, key) == "key_revoked"
    assert code_of(authenticate_session, small.db, session) == "session_over"
    with small.db.tx(small.workspace_id) as tx:
        kinds = {row["kind"] for row in list_audit(tx)}
        assert {"access_ended", "user_changed", "api_key_created", "signed_in"} <= kinds
        if change.active is False:
            write_user(tx, bob, UserChange(active=True))
    assert code_of(authenticate_key, small.db, key) == "key_revoked"


def test_one_workspace_sees_no_key_of_another(small: Small) -> None:
    """S21."""
    make_key(small)
    other = create_workspace(small.db, "Other")
    with small.db.tx(other) as tx:
        assert tx.all("SELECT * FROM api_keys") == []
        with pytest.raises(NotFound):
            revoke_key(tx, 1, by=Actor())
