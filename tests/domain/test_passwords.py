"""Which passwords are taken (reliability.md §8: 12 to 256 characters, none that everybody tries first)."""

import pytest

from segue.domain.errors import Invalid
from segue.domain.passwords import check_password

ABOUT = ("rita", "acme", "Rita Rep", "Acme Sales")


@pytest.mark.parametrize(
    "password",
    [
        "short horses",  # taken: twelve characters
        "correct horse table lamp",
        "Grün ist der Tee um vier",
        "tr0ub4dor&3-violin",
        "xk29!mmqPd8r",
        "わたしのねこはとてもおおきい",
        "x" * 3 + "violins are louder than drums " * 8,
    ],
)
def test_long_words_that_have_nothing_to_do_with_each_other_are_taken(password):
    assert check_password(password, about=ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x" * 257,
        "password1234",
        "P@ssw0rd2026!",
        "Passwort!Passwort!",
        "123456789012",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "Welcome2Acme!!",
        "rita.rep.2026",
        "SegueSegue2027",
        "acme-sales-2026",
        "Summer2026Summer",
        "iloveyou12345678",
        "letmeinletmein",
        "monkeydragon99",
        "correct horse battery staple",
    ],
)
def test_what_anybody_would_try_first_is_refused(password):
    with pytest.raises(Invalid) as caught:
        check_password(password, about=ABOUT)
    assert caught.value.field == "password"
    assert password not in caught.value.message + caught.value.hint


def test_equal_looking_passwords_are_one():
    assert check_password("ﬁne ｗords in a row") == "fine words in a row"
