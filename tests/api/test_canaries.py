"""S23, G16: secrets planted wherever there is one appear in no answer, log, error, export, audit entry or backup."""

import logging
import re
import zipfile
from pathlib import Path

import pyotp
import pytest

from api.conftest import Api, make_key
from make import REP, email, sequence
from segue.db.backup import write_backup
from segue.domain.errors import Unavailable
from segue.domain.permissions import OPERATOR
from segue.features.contacts.export import collect_everything, export_csv
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.webhooks.endpoints import add_endpoint
from segue.features.workspaces.joining import invite, request_reset
from segue.features.workspaces.passwords import Cost, Hasher
from segue.features.workspaces.second_factor import begin_totp, confirm_totp
from segue.features.workspaces.sign_in import Doorkeeper, give_second_factor, set_password, sign_in
from segue.features.workspaces.user_sessions import Visitor
from segue.features.workspaces.users import UserChange
from segue.settings import Settings

MAILBOX, PASSWORD = "canary-mailbox-7Qx", "canary violins 7Qx drums"


def plant(api: Api) -> dict[str, str]:
    """Put a secret of every kind where it belongs, and return all of them."""
    small, here = api.small, Visitor("192.0.2.1", "canary")
    keeper = Doorkeeper(small.db, small.vault, Hasher(Cost(1, 8, 1)))
    small.world.change_secret(REP, MAILBOX)
    with small.db.tx(small.workspace_id) as tx:
        _, webhook = add_endpoint(tx, "https://crm.acme.test/hook", ["*"], small.vault, by=OPERATOR)
        connect_mailbox(tx, small.user_id, NewMailbox(REP, "fake", MAILBOX), small.vault)
        set_password(tx, small.user_id, PASSWORD, keeper.hasher)
        totp, _ = begin_totp(tx, small.user_id, small.vault)
    with small.db.tx(small.workspace_id) as tx:
        codes = confirm_totp(tx, small.user_id, pyotp.TOTP(totp).at(small.clock.at), small.vault)
        _, invitation = invite(tx, "bob@acme.test", UserChange(), by=OPERATOR)
        reset = request_reset(tx, small.user_id)
    half = sign_in(keeper, REP, PASSWORD, here).second_factor
    session = give_second_factor(keeper, half, codes[0], here).session
    made = api.do("POST", "/api-keys", {"name": "CRM", "scopes": ["contacts:read"]}, key=_new_key(api), Idempotency_Key="canary-1")
    return {
        "mailbox": MAILBOX,
        "webhook": webhook,
        "password": PASSWORD,
        "totp": totp,
        "recovery": codes[1],
        "used recovery": codes[0],
        "invitation": invitation,
        "reset": reset,
        "half signed in": half,
        "session": session,
        "api key": made["key"],
        "own key": api.key,
    }


def _new_key(api: Api) -> str:
    """The password ended the keys of before (X1)."""
    api.key = make_key(api.small, api.small.workspace_id, api.small.user_id, "all")
    return api.key


def ask_everything(api: Api) -> str:
    """Ask every operation of the API, rightly and wrongly, and return all that was answered."""
    answers = []
    paths = api.client.app.openapi()["paths"]  # type: ignore[attr-defined]
    for path, operations in paths.items():
        if not path.startswith("/api/v1/") or "stream" in path:
            continue
        numbered = re.sub(r"\{[^}]*\}", "1", path.removeprefix("/api/v1"))
        for method in sorted(operations.keys() & {"get", "post", "put", "patch"}):
            body = None if method == "get" else {"password": PASSWORD, "secret": MAILBOX, "name": 7}
            answer = api.ask(method.upper(), numbered, body)
            answers.append(f"{method} {numbered} {answer.status_code} {answer.headers} {answer.text}")
    assert len(answers) > 40
    return "\n".join(answers)


@pytest.mark.timeout(300)
def test_no_planted_secret_comes_out_anywhere(api: Api, db_urls, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    planted = plant(api)
    small = api.small
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    small.run_until(small.clock.at)
    small.engine.read(small.workspace_id, small.mailbox_id)
    export_csv(small.db, small.workspace_id, tmp_path / "contacts.csv", [1])
    write_backup(db_urls.owner_url, tmp_path / "backup", program="test")
    with zipfile.ZipFile(tmp_path / "backup") as archive:
        backup = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "replace")
    with small.db.tx(small.workspace_id) as tx:
        person = str(collect_everything(tx, "ann@prospect.test"))
        timeline = str(tx.all("SELECT * FROM events") + tx.all("SELECT * FROM audit_entries"))
    answered = ask_everything(api)
    outputs = {
        "answers": answered,
        "log": caplog.text,
        "export": (tmp_path / "contacts.csv").read_text(),
        "everything about a person": person,
        "events and audit": timeline,
        "backup": backup,
        "shown objects": repr(
            (
                small.vault,
                NewMailbox(REP, "fake", MAILBOX),
                Settings(Path("/data"), secret_key=MAILBOX, database_url=f"postgresql://u:{MAILBOX}@h/d").shown(),
                Settings(Path("/data"), secret_key=MAILBOX, secret_key_before=MAILBOX),
            )
        ),
    }
    for where in ("answers", "events and audit", "backup"):
        assert REP in outputs[where], "what is not secret is found by the same search"
    shown = [(where, what) for where, text in outputs.items() for what, secret in planted.items() if secret in text]
    assert shown == []


def test_an_error_while_a_secret_is_used_says_nothing_of_it(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    small = api.small
    plant(api)
    small.sql("UPDATE mailboxes SET provider = 'none' WHERE workspace_id = %(ws)s")
    with pytest.raises(KeyError) as unknown, small.engine.sessions.use(small.workspace_id, small.mailbox_id, "test"):
        pass
    small.sql("UPDATE mailboxes SET secret = overlay(secret placing 'AAAA'::bytea from 40) WHERE workspace_id = %(ws)s")
    with pytest.raises(Unavailable) as damaged, small.engine.sessions.use(small.workspace_id, small.mailbox_id, "test"):
        pass
    assert MAILBOX not in repr(unknown.value) + repr(damaged.value) + damaged.value.hint + caplog.text
