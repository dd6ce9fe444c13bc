"""S26: a restored, copied or forked database sends nothing until somebody confirms."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from make import MONDAY, Small, email, make_small, sequence
from segue.domain.errors import Conflict
from segue.features.workspaces.instance import confirm_instance, is_fenced, read_id, settle_instance, write_id
from segue.settings import Settings
from segue.worker import Worker

MINUTE = timedelta(minutes=1)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "here")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "elsewhere")


def open_at(small: Small, settings: Settings) -> None:
    """Open the database as a process with this data folder does."""
    small.db.instance_id = settle_instance(small.db, settings)


def send(small: Small, name: str) -> int:
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"), name=name)), [small.add_contact(f"{name}@prospect.test")])
    small.run_until(small.clock.at + MINUTE, step=MINUTE)
    return len(small.sent_to(f"{name}@prospect.test"))


def test_the_installation_that_made_the_database_sends(small: Small, here: Settings) -> None:
    open_at(small, here)
    open_at(small, here)
    assert (is_fenced(small.db), send(small, "ann")) == (False, 1)


def test_opened_with_another_data_folder_it_sends_nothing_until_confirmed(small: Small, here: Settings, elsewhere: Settings) -> None:
    open_at(small, here)
    open_at(small, elsewhere)
    assert (is_fenced(small.db), small.db.own_workspace_ids(), send(small, "ann")) == (True, [], 0)
    confirm_instance(small.db, elsewhere, join=False)
    small.run_until(MONDAY + 10 * MINUTE, step=MINUTE)
    assert (is_fenced(small.db), len(small.sent_to("ann@prospect.test"))) == (False, 1)
    open_at(small, here)
    assert is_fenced(small.db), "the original's folder has no part in it any more"


def test_a_worker_on_a_copy_touches_nothing(small: Small, here: Settings, elsewhere: Settings) -> None:
    """No claim, no reading, no look for evidence: it ends at once where it may end."""
    open_at(small, here)
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    open_at(small, elsewhere)
    Worker(small.engine, watch=False).run(until_idle=True)
    assert len(small.world.acceptances()) == 0
    assert small.sql("SELECT lease_token FROM enrollments WHERE workspace_id = %(ws)s") == [{"lease_token": 0}]


def test_the_gate_itself_holds_a_mail_that_was_claimed_before_the_database_was_replaced(
    small: Small, here: Settings, elsewhere: Settings
) -> None:
    open_at(small, here)
    small.db.instance_id = "of-another-folder"
    assert send(small, "ann") == 0
    [message] = small.sql("SELECT state, outcome FROM messages WHERE workspace_id = %(ws)s")
    assert (message["state"], "another installation" in message["outcome"]) == ("queued", True)


def test_one_more_machine_of_the_same_installation_joins_it(small: Small, here: Settings, elsewhere: Settings) -> None:
    open_at(small, here)
    open_at(small, elsewhere)
    confirm_instance(small.db, elsewhere, join=True)
    assert send(small, "ann") == 1
    open_at(small, here)
    assert send(small, "bob") == 1, "the first machine goes on"


def test_a_name_given_by_the_operator_stands_in_for_the_folder(small: Small, here: Settings) -> None:
    named = replace(here, instance="prod-1")
    open_at(small, named)
    assert (small.db.instance_id, read_id(here.data_dir)) == ("prod-1", "")
    open_at(small, replace(here, instance="prod-2"))
    assert is_fenced(small.db)
    with pytest.raises(Conflict):
        confirm_instance(small.db, replace(here, instance="prod-2"), join=True)


def test_a_copied_data_folder_is_not_taken_for_the_original(tmp_path: Path) -> None:
    write_id(tmp_path / "original", "one")
    shutil.copytree(tmp_path / "original", tmp_path / "copy")
    assert (read_id(tmp_path / "original"), read_id(tmp_path / "copy")) == ("one", "")
    (tmp_path / "original").rename(tmp_path / "moved")
    assert read_id(tmp_path / "moved") == "one", "a folder that was moved is the same"
    (tmp_path / "moved/instance.json").write_text("{", encoding="utf-8")
    assert read_id(tmp_path / "moved") == ""
