"""`segue pause --away`: the day on which a contact is back is put right by hand (SEQ-129)."""

from cli.conftest import EMAIL, FOLLOW_UP, Cli

HELD = "SELECT pause_kind, resume_at FROM enrollments"


def test_the_day_of_an_absence_can_be_put_right_and_a_pause_by_hand_wins(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    assert cli.ok("pause", "ann@one.test", "--away", "--until", "2099-01-05")["until"] == "2099-01-05"
    [first] = cli.sql(HELD)
    cli.ok("pause", "ann@one.test", "--away", "--until", "2099-02-02")
    [second] = cli.sql(HELD)
    assert (first["pause_kind"], second["pause_kind"]) == ("away", "away")
    assert (second["resume_at"] - first["resume_at"]).days == 28
    cli.ok("pause", "ann@one.test")
    cli.ok("pause", "ann@one.test", "--away", "--until", "2099-03-02")
    [third] = cli.sql(HELD)
    assert (third["pause_kind"], third["resume_at"]) == ("manual", None)
