"""`segue mail explain` tells what a file is and why, in keys that stay."""

import json

from corpora.make_mail import ORIGINAL_ID, RETURNED, mail
from segue.features.mail.explain import explain_file, explain_paths, mail_files

KEYS = {"file", "kind", "hard", "class", "recipient", "answers", "return_date", "new_text", "signals"}


def test_a_notice_is_explained():
    body = f"This is a permanent error.\n\n<ann@prospect.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{RETURNED}"
    told = explain_file(mail("MAILER-DAEMON@far.test", "failure notice", body))
    assert set(told) >= KEYS
    assert (told["kind"], told["hard"], told["class"], told["recipient"]) == ("bounce", True, "invalid", "ann@prospect.test")
    assert told["answers"] == [ORIGINAL_ID]
    assert told["signals"]


def test_an_away_note_is_explained_with_its_date(tmp_path):
    file = tmp_path / "away.eml"
    file.write_bytes(mail("ann@prospect.test", "Automatic reply: x", "I am out of the office. Back on 25 January."))
    told = explain_file(file)
    assert (told["file"], told["kind"], told["class"], told["return_date"]) == (str(file), "auto_reply", "ooo", "2027-01-25")


def test_a_reply_is_explained_with_its_new_text():
    raw = mail("ann@prospect.test", "Re: x", "Call me.\n\nOn Mon, Jan 11, 2027, Bob wrote:\n> Hi", f"In-Reply-To: {ORIGINAL_ID}")
    told = explain_file(raw)
    assert (told["kind"], told["class"], told["new_text"], told["answers"]) == ("human", "meeting", "Call me.", [ORIGINAL_ID])
    json.dumps(told)


def test_a_folder_is_explained_in_order(tmp_path):
    (tmp_path / "inner").mkdir()
    for name in ("b.eml", "a.eml", "inner/c.eml", "notes.pdf", ".hidden.eml"):
        (tmp_path / name).write_bytes(mail("ann@prospect.test", "Re: x", name))
    assert [p.name for p in mail_files(tmp_path)] == ["a.eml", "b.eml", "c.eml"]
    assert [told["new_text"] for told in explain_paths([tmp_path])] == ["a.eml", "b.eml", "inner/c.eml"]
