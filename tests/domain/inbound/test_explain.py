"""`segue mail explain` tells what a file is and why, in keys that stay."""

import json

import pytest

from corpora.make_mail import ORIGINAL_ID, RETURNED, mail
from segue.features.mail.explain import explain_file, mail_files

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


def test_a_folder_is_explained_in_order_whatever_its_mails_are_called(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4 binary")
    (tmp_path / "labels.json").write_text('{"a.eml": "human"}')
    for name in ("b.eml", "a.eml", "inner/00001.7c53336b37", "inner/1161867.M5P9.host:2,S", ".hidden.eml"):
        (tmp_path / name).write_bytes(mail("ann@prospect.test", "Re: x", name))
    assert [p.name for p in mail_files(tmp_path)] == ["a.eml", "b.eml", "00001.7c53336b37", "1161867.M5P9.host:2,S"]


NOTE = mail("ann@prospect.test", "Automatic reply: x", "I am out of the office. Back on 25 January.")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (NOTE, "auto_reply"),
        (NOTE.replace(b"\n", b"\r\n"), "auto_reply"),
        (b"From ann@prospect.test Mon Jan 11 10:02:00 2027\n" + NOTE, "auto_reply"),
        (b"From ann@prospect.test Mon Jan 11 10:02:00 2027\r\n" + NOTE.replace(b"\n", b"\r\n"), "auto_reply"),
        (b"\xef\xbb\xbf" + NOTE, "auto_reply"),
        (b"\n\n" + NOTE, "auto_reply"),
        (b"", "human"),
        (b"\0" * 5_000, "human"),
        (bytes(range(256)) * 40, "human"),
        (b"just words", "human"),
        (NOTE + b"x" * 40_000_000, "auto_reply"),
    ],
    ids=["LF", "CRLF", "mbox", "mbox CRLF", "BOM", "blank lines", "empty", "zeros", "binary", "no header", "huge"],
)
def test_any_file_gives_a_verdict(tmp_path, raw, kind):
    file = tmp_path / "any"
    file.write_bytes(raw)
    told = explain_file(file)
    assert (set(told) >= KEYS, told["kind"]) == (True, kind)
    json.dumps(told)
