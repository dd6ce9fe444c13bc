"""MCP: an assistant looks and acts with its caller's rights, and enrolls nobody whom it has not previewed (the official client drives it)."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from make import email, make_small, sequence, task
from segue.domain.permissions import OPERATOR, Actor
from segue.features.mcp.caller import Caller, callers_by_header
from segue.features.mcp.server import make_server
from segue.features.workspaces.api_keys import NewKey, create_key, revoke_key
from segue.features.workspaces.queries import get_actor
from segue.features.workspaces.users import UserChange, add_user

ANN, BEN = "ann@prospect.test", "ben@prospect.test"
SEGUE = str(Path(sys.executable).with_name("segue"))
TOOLS = {
    *("list_sequences", "get_sequence", "lint_sequence", "find_contacts", "get_timeline", "get_plan", "list_tasks", "list_replies"),
    *("get_report", "preview_enrollment", "enroll", "pause_contact", "resume_contact", "unenroll_contact", "complete_task"),
}


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    made.add_contact(ANN)
    made.add_contact(BEN)
    made.add_sequence(sequence(email("one", subject="Hello"), task("call"), email("two", after=timedelta(days=2))))
    yield made
    made.close()


class Assistant:
    """Calls tools in the name of a user, in this process."""

    def __init__(self, small, caller):
        self.find = caller if callable(caller) else lambda _: caller

    def __call__(self, tool, **arguments):
        result = self.raw(tool, arguments)
        assert not result.is_error, result.content
        return json.loads(result.content[0].text)

    def refused(self, tool, **arguments):
        result = self.raw(tool, arguments)
        assert result.is_error
        return result.content[0].text

    def raw(self, tool, arguments):
        async def call():
            async with Client(make_server(self.find)) as client:
                return await client.call_tool(tool, arguments)

        return asyncio.run(call())


def actor_of(small, address):
    with small.db.tx(small.workspace_id) as tx:
        return get_actor(tx, address)


def as_rep(small):
    return Assistant(small, Caller(small.db, small.workspace_id, actor_of(small, "rep@acme.test")))


def key_of(small, *scopes, owner="rep@acme.test"):
    with small.db.tx(small.workspace_id) as tx:
        row, key = create_key(tx, get_actor(tx, owner).user_id, NewKey("Helper", scopes), by=OPERATOR)
    return row["id"], key


def count(small):
    return small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s")[0]["n"]


def test_nobody_is_enrolled_before_a_preview_of_exactly_this(small):
    rep = as_rep(small)
    wish = {"sequence": "Welcome", "contacts": [ANN, BEN]}
    assert "not previewed" in rep.refused("enroll", **wish, confirm="yes")
    seen = rep("preview_enrollment", **wish)
    assert (seen["enrolled"], seen["refused"], count(small)) == (2, [], 0)
    assert seen["plan"]["steps"][0]["subject"] == "Hello"
    assert "not previewed" in rep.refused("enroll", sequence="Welcome", contacts=[ANN], confirm=seen["confirm"])
    assert rep("enroll", **wish, confirm=seen["confirm"])["enrolled"] == 2
    assert "has changed since" in rep.refused("enroll", **wish, confirm=seen["confirm"])
    assert count(small) == 2
    small.run_until(small.clock.now() + timedelta(minutes=10))
    assert len(small.sent_to(ANN)) == len(small.sent_to(BEN)) == 1
    assert {row["actor"] for row in small.sql("SELECT actor FROM events WHERE workspace_id = %(ws)s AND kind = 'contact_enrolled'")} == {
        "mcp as rep@acme.test"
    }


def test_who_is_refused_is_named_with_the_reason(small):
    rep = as_rep(small)
    seen = rep("preview_enrollment", sequence="Welcome", contacts=[ANN])
    rep("enroll", sequence="Welcome", contacts=[ANN], confirm=seen["confirm"])
    again = rep("preview_enrollment", sequence="Welcome", contacts=[ANN, BEN])
    assert [(each["email"], each["code"]) for each in again["refused"]] == [(ANN, "ALREADY_ENROLLED")]
    assert again["enrolled"] == 1


def test_an_assistant_pauses_goes_on_does_tasks_and_ends(small):
    rep = as_rep(small)
    seen = rep("preview_enrollment", sequence="Welcome", contacts=[ANN])
    rep("enroll", sequence="Welcome", contacts=[ANN], confirm=seen["confirm"])
    small.run_until(small.clock.now() + timedelta(days=2))
    [call] = rep("list_tasks")
    assert (call["contact"], rep("complete_task", task=call["id"], outcome="connected")["state"]) == (ANN, "completed")
    assert rep("list_tasks") == []
    assert rep("pause_contact", email=ANN)["paused"] == 1
    assert rep("resume_contact", email=ANN)["resumed"] == 1
    assert rep("get_plan", email=ANN)["steps"]
    assert rep("unenroll_contact", email=ANN, note="asked by phone")["ended"] == 1
    assert rep("get_plan", email=ANN)["steps"] == []
    told = rep("get_timeline", email=ANN)
    assert told["enrollments"][0]["reason"] == "MANUAL"
    assert rep("get_report")["promises"] == {"sent_twice": 0, "after_stop": 0, "outside_window": 0}


def test_what_is_wrong_comes_back_as_a_sentence(small):
    rep = as_rep(small)
    assert "There is no contact" in rep.refused("pause_contact", email="nobody@x.test")
    assert "not shared with you" in rep.refused("get_sequence", name="No such")
    assert "`steps` is missing" in rep.refused("lint_sequence", file="name: x\n")
    shown = rep("get_sequence", name="Welcome")
    assert rep("lint_sequence", file=shown["file"])["sequence"] == "Welcome"
    assert rep("find_contacts", search="ann@")["contacts"][0]["email"] == ANN
    assert rep("list_replies") == []


def test_the_callers_rights_count(small):
    with small.db.tx(small.workspace_id) as tx:
        add_user(tx, "viewer@acme.test", UserChange(role="viewer", seat=False))
    viewer = Assistant(small, Caller(small.db, small.workspace_id, actor_of(small, "viewer@acme.test")))
    said = viewer.refused("preview_enrollment", sequence="Welcome", contacts=[ANN], sender="rep@acme.test")
    assert "not allowed" in said
    rep = as_rep(small)
    seen = rep("preview_enrollment", sequence="Welcome", contacts=[ANN])
    rep("enroll", sequence="Welcome", contacts=[ANN], confirm=seen["confirm"])
    assert "may not" in viewer.refused("unenroll_contact", email=ANN)
    assert small.state(ANN)["state"] == "active"


def test_a_sequence_that_is_not_shared_is_not_named(small):
    with small.db.tx(small.workspace_id) as tx:
        add_user(tx, "other@acme.test", UserChange(role="user", seat=True))
    small.sql("UPDATE sequences SET sharing = 'private' WHERE workspace_id = %(ws)s RETURNING id")
    other = Assistant(small, Caller(small.db, small.workspace_id, actor_of(small, "other@acme.test")))
    assert other("list_sequences") == []
    assert "does not exist or is not shared" in other.refused("get_sequence", name="Welcome")
    assert [row["name"] for row in as_rep(small)("list_sequences")] == ["Welcome"]


def test_a_key_reaches_as_far_as_its_scopes_and_no_longer_than_it_lives(small):
    number, key = key_of(small, "sequences:read")
    found = callers_by_header(small.db)
    keyed = Assistant(small, lambda _: found({"Authorization": f"Bearer {key}"}))
    assert keyed("list_sequences")
    assert "lacks the scope enrollments:write" in keyed.refused("pause_contact", email=ANN)
    assert "lacks the scope reports:read" in keyed.refused("get_report")
    with small.db.tx(small.workspace_id) as tx:
        revoke_key(tx, number, by=OPERATOR)
    assert "revoked" in keyed.refused("list_sequences")
    assert "No API key" in Assistant(small, found).refused("list_sequences")


def test_every_tool_says_what_it_is_and_whether_it_only_looks(small):
    async def ask():
        async with Client(make_server(lambda _: Caller(small.db, small.workspace_id, Actor()))) as client:
            return (await client.list_tools()).tools

    tools = {each.name: each for each in asyncio.run(ask())}
    assert set(tools) == TOOLS
    assert all(each.description for each in tools.values())
    looking = {name for name, each in tools.items() if each.annotations.read_only_hint}
    assert tools.keys() - looking == {"enroll", "pause_contact", "resume_contact", "unenroll_contact", "complete_task"}


@pytest.fixture
def environment(cluster, db_urls, tmp_path):
    """What a process on this database is started with."""
    url = db_urls.owner_url.replace(cluster.owner_url.split("@")[0], cluster.admin_url.split("@")[0])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "DATABASE_URL"))}
    return kept | {"DATABASE_URL": url, "SEGUE_DATA_DIR": str(tmp_path)}


def test_the_command_serves_stdio(small, environment):
    server = StdioServerParameters(command=SEGUE, args=["mcp", "--as", "rep@acme.test"], env=environment)

    async def ask():
        async with Client(server) as client:
            return await client.call_tool("list_sequences", {})

    result = asyncio.run(asyncio.wait_for(ask(), 100))
    assert [row["name"] for row in json.loads(result.content[0].text)] == ["Welcome"]


def test_the_command_serves_http_in_the_name_of_each_requests_key(small, environment):
    _, key = key_of(small, "all")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([SEGUE, "mcp", "--http", "--port", str(port)], env=environment) as process:
        try:
            await_port(port, process)
            result = asyncio.run(asyncio.wait_for(call_over_http(port, key), 60))
            refused = asyncio.run(asyncio.wait_for(call_over_http(port, "segue_nonsense"), 60))
        finally:
            process.terminate()
    assert process.returncode == 0
    assert [row["name"] for row in json.loads(result.content[0].text)] == ["Welcome"]
    assert refused.is_error
    assert "not an API key" in refused.content[0].text


async def call_over_http(port, key):
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=50) as http,
        Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)) as client,
    ):
        return await client.call_tool("list_sequences", {})


def await_port(port, process):
    end = monotonic() + 100
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None
        assert monotonic() < end
        Event().wait(0.1)
