"""Holidays, absences and limits on the command line."""

from cli.conftest import Cli


def test_the_workspaces_days_are_set_and_shown(cli: Cli) -> None:
    cli.set_up()
    said = cli.ok("workspace", "set", "--country", "de", "--region", "by", "--holiday", "2027-05-14", "--week", "sun-thu")
    assert (said["country"], said["calendars"], said["holidays"]) == ("DE", ["DE-BY"], ["2027-05-14"])
    assert said["working_week"] == "mon,tue,wed,thu,sun"
    said = cli.ok("workspace", "set", "--no-holiday", "2027-05-14", "--cool-off-days", "30", "--company-limit", "3")
    assert (said["holidays"], said["no_holidays"], said["calendars"]) == ([], ["2027-05-14"], ["DE-BY"])
    assert (said["cool_off_days"], said["company_limit"]) == (30, 3)
    assert cli.ok("workspace", "show") == said
    assert cli.ok("workspace", "set", "--country", "none")["calendars"] == []


def test_a_senders_absences_are_set_taken_back_and_shown(cli: Cli) -> None:
    cli.set_up()
    said = cli.ok("user", "set", "rita@acme.test", "--absent", "2027-03-01..2027-03-05", "--country", "AT")
    assert (said["absences"], said["calendars"]) == (["2027-03-01..2027-03-05"], ["AT"])
    assert cli.ok("user", "set", "--present", "2027-03-03")["absences"] == ["2027-03-01..2027-03-02", "2027-03-04..2027-03-05"]
    assert cli.ok("user", "show")["calendars"] == ["AT"]


def test_what_cannot_be_meant_is_refused_and_changes_nothing(cli: Cli) -> None:
    cli.set_up()
    before = cli.ok("workspace", "show")
    assert "XX" in cli.fails("workspace", "set", "--country", "XX")["message"]
    assert "BY" in cli.fails("workspace", "set", "--country", "DE", "--region", "Atlantis")["hint"]
    cli.fails("workspace", "set", "--region", "BY")
    cli.fails("workspace", "set", "--holiday", "tomorrow", "--week", "sun-thu")
    cli.fails("user", "set", "nobody@acme.test", "--absent", "2027-03-01")
    assert cli.ok("workspace", "show") == before
