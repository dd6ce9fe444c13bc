"""The edge: exit codes, errors as sentences, one JSON document, and nothing that drives a terminal."""

import json
import subprocess
import sys

import pytest
import typer

from architecture.tree import ROOT
from cli.conftest import EMAIL, Cli
from segue.cli.program import COMMANDS, make_app


def leaves(command, path=()):
    """Yield every command with its words."""
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from leaves(child, (*path, name))


ALL = dict(leaves(typer.main.get_command(make_app("*"))))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_json_and_says_what_it_does(words: tuple[str, ...]) -> None:
    command = ALL[words]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {"--json", "--workspace"} <= options
    assert command.help
    assert all(parameter.help for parameter in command.params if parameter.name != "help")


def test_the_list_of_commands_is_that_of_the_files() -> None:
    assert {words[0] for words in ALL} == set(COMMANDS)


def test_help_loads_neither_database_nor_engine() -> None:
    script = "import sys; from segue.cli import main; main(['--help']); print([m for m in sys.modules if m.startswith(('psycopg', 'sqlalchemy', 'segue.f'))])"
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.splitlines()[-1] == "[]"
    assert "timeline" in ran.stdout


def segue(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the true program."""
    given = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", **environment}
    return subprocess.run(
        [sys.executable, "-m", "segue.cli", *words], check=False, capture_output=True, text=True, cwd=ROOT, env=given, input="pw\n"
    )


def test_a_command_line_that_is_not_understood_exits_with_2() -> None:
    for words in (("nonsense",), ("enroll",), ("worker", "--clock-speed", "fast"), ("plan", "--no-such-option")):
        ran = segue(*words)
        assert (ran.returncode, ran.stdout) == (2, ""), words
        as_json = segue(*words, "--json")
        assert as_json.returncode == 2
        assert json.loads(as_json.stdout)["error"]["code"] == "usage"
        assert as_json.stderr == ""


def test_a_database_that_is_down_is_told_in_a_sentence() -> None:
    url = "postgresql://segue:very-secret@127.0.0.1:1/segue"
    ran = segue("status", "--json", DATABASE_URL=url, SEGUE_DATA_DIR="/nowhere/data")
    assert ran.returncode == 1
    error = json.loads(ran.stdout)["error"]
    assert (error["code"], error["hint"]) == ("unavailable", "Check DATABASE_URL and that PostgreSQL runs.")
    assert "very-secret" not in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def test_where_an_error_came_from_is_shown_on_request_only() -> None:
    url = "postgresql://segue@127.0.0.1:1/segue"
    assert "Traceback" in segue("status", DATABASE_URL=url, SEGUE_DATA_DIR="/nowhere/data", SEGUE_DEBUG="1").stderr
    told = segue("status", DATABASE_URL=url, SEGUE_DATA_DIR="/nowhere/data")
    assert "Traceback" not in told.stderr
    assert told.stderr.startswith("Error: The database does not answer")
    assert told.stdout == ""


def test_a_mistyped_setting_is_an_error_and_not_ignored() -> None:
    ran = segue("status", "--json", SEGUE_DATADIR="/data")
    assert json.loads(ran.stdout)["error"]["hint"] == "The nearest one is SEGUE_DATA_DIR."


def test_a_data_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    ran = segue("status", "--json", SEGUE_DATA_DIR=str(blocked / "data"))
    assert json.loads(ran.stdout)["error"]["code"] == "unavailable"
    assert ran.returncode == 1


def test_the_true_program_walks_from_init_to_status_with_a_password_from_a_pipe(cli: Cli) -> None:
    environment = {"DATABASE_URL": cli.url, "SEGUE_DATA_DIR": str(cli.folder / "data")}
    assert json.loads(segue("init", "--name", "Acme", "--json", **environment).stdout)["created"] is True
    added = segue("mailbox", "add", "rita@gmail.com", "--password-stdin", "--no-test", "--json", **environment)
    assert json.loads(added.stdout)["connected"] is True
    assert segue("status", **environment).stdout.startswith("Acme")
    without = segue("mailbox", "add", "rita@gmail.com", "--no-test", "--json", **environment)
    assert json.loads(without.stdout)["error"]["field"] == "password"


def test_what_strangers_wrote_cannot_drive_the_terminal(cli: Cli) -> None:
    cli.set_up(EMAIL)
    file = cli.file("c.csv", "email,first_name,company\nann@one.test,[bold]Ann,Evil [red]Ltd\n")
    cli.ok("contacts", "import", file)
    cli.sql("UPDATE contacts SET company = E'\\u001b[31mred'")
    shown = cli("contacts", "list").out
    assert "[bold]Ann" in shown
    assert "\x1b" not in shown
    assert "[31mred" in shown


def test_no_colour_goes_into_a_pipe(cli: Cli) -> None:
    cli.set_up()
    for words in (("status",), ("sequence", "list"), ("mailbox", "list"), ("doctor", "--offline")):
        assert "\x1b" not in cli(*words).out


def test_a_mail_is_explained_without_a_database(cli: Cli, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    mail = cli.file("a.eml", "From: ann@one.test\nTo: rep@acme.test\nSubject: Re: Hi\nIn-Reply-To: <a@b>\n\nYes, gladly.\n")
    assert cli.ok("mail", "explain", mail)["kind"] == "human"
    assert "Yes, gladly." in cli("mail", "explain", mail).out
    assert cli.fails("mail", "explain", cli.folder / "absent.eml")["code"] == "not_found"


def test_many_mails_give_one_object_a_line_and_what_cannot_be_read_stops_nothing(cli: Cli) -> None:
    first = cli.file("a.eml", "From: ann@one.test\nSubject: Re: Hi\nIn-Reply-To: <a@b>\n\nYes, gladly.\n")
    second = cli.file("b.eml", "From: ann@one.test\nSubject: Automatic reply: Hi\n\nI am out of the office until 3 May 2027.\n")
    ran = cli("mail", "explain", first, cli.folder / "absent.eml", second, "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 1
    assert [line["file"] for line in lines] == [str(first), str(cli.folder / "absent.eml"), str(second)]
    assert ([line.get("kind") for line in lines], lines[1]["error"]) == (["human", None, "auto_reply"], "No such file or directory")
    (cli.folder / "empty").mkdir()
    nothing = cli("mail", "explain", cli.folder / "empty", "--json")
    assert (nothing.code, nothing.out) == (0, "")
    whole = cli("mail", "explain", first.parent, "--json")
    assert whole.code == 0
    assert {json.loads(line)["file"] for line in whole.out.splitlines()} >= {str(first), str(second)}


def test_what_counts_as_a_contacts_mail_can_be_seen_and_changed(cli: Cli) -> None:
    """SEQ-150, SEQ-152, SEQ-156, MAIL-78."""
    cli.set_up()
    assert cli.ok("mail", "rules") == {"unrelated_any_user": False, "log_alias_mail": False, "opt_out_words": True, "count_by_hand": True}
    assert cli.ok("mail", "rules", "--unrelated-any-user", "--no-opt-out-words")["unrelated_any_user"] is True
    assert cli.ok("mail", "rules", "--log-alias-mail") == {
        "unrelated_any_user": True,
        "log_alias_mail": True,
        "opt_out_words": False,
        "count_by_hand": True,
    }
    cli.ok("contacts", "import", cli.file("c.csv", "email,other_addresses\nann@one.test,ann@home.test\n"))
    assert cli.ok("mail", "aliases", "ann@one.test")["aliases"] == ["ann@home.test"]
    cli.ok("mail", "forget-alias", "ann@one.test", "Ann@Home.test")
    assert cli.ok("mail", "aliases", "ann@one.test")["aliases"] == []
    assert cli.fails("mail", "forget-alias", "ann@one.test", "ann@home.test")["code"] == "not_found"
    assert "no longer counts" in cli("timeline", "ann@one.test").out


def test_the_version_is_shown_without_a_command():
    run = subprocess.run([sys.executable, "-m", "segue.cli", "--version"], check=False, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "segue 0.1.0\n")
