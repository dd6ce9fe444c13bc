"""Which addresses are the same person (MAIL-77)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.addresses import domain_to_ascii, normal_form, plain_form, same_person

SAME = [
    ("A.n.n+news@Gmail.com", "ann@googlemail.com", ""),
    ("ann+x@outlook.com", "Ann@Outlook.com", ""),
    ("ann+x@hotmail.com", "ann@hotmail.com", ""),
    ("ann+x@proton.me", "ann@proton.me", ""),
    ("ann+x@icloud.com", "ann@icloud.com", ""),
    ("ann+x@fastmail.com", "ann@fastmail.com", ""),
    ("ann-shop@yahoo.com", "ann@yahoo.com", ""),
    ("ann+x@prospect.test", "ann@prospect.test", "aspmx.l.google.com."),
    ("ann+x@prospect.test", "ann@prospect.test", "prospect-test.mail.protection.outlook.com"),
    ("ann-x@prospect.test", "ann@prospect.test", "mta5.am0.yahoodns.net"),
    (" Ann@PROSPECT.test ", "ann@prospect.test", ""),
    ("ann@bücher.test", "ann@xn--bcher-kva.test", ""),
    ("ann@BU\u0308CHER.test", "ann@bücher.test", ""),
    ("jo\u0301@prospect.test", "j\u00f3@prospect.test", ""),
]
OTHERS = [
    ("a.nn@outlook.com", "ann@outlook.com", ""),
    ("ann+x@prospect.test", "ann@prospect.test", ""),
    ("ann-x@gmail.com", "ann@gmail.com", ""),
    ("ann+x@yahoo.com", "ann@yahoo.com", ""),
    ("a.nn@prospect.test", "ann@prospect.test", "aspmx.l.google.com"),
    ("ann@gmail.com", "ann@gmail.com.evil.test", ""),
    ("ann+x@prospect.test", "ann@prospect.test", "aspmx.l.google.com.evil.test"),
    ("", "", ""),
    ("no address", "no address", ""),
]


@pytest.mark.parametrize(("one", "other", "mx"), SAME)
def test_spellings_of_one_mailbox_are_one_person(one, other, mx):
    assert same_person(one, other, mx)


@pytest.mark.parametrize(("one", "other", "mx"), OTHERS)
def test_what_the_host_tells_apart_stays_apart(one, other, mx):
    assert not same_person(one, other, mx)


@pytest.mark.parametrize("address", ["", "@", "a@", "@b.test", "no address", "x" * 2000 + "@b.test"])
def test_what_is_no_address_has_no_form(address):
    assert (normal_form(address), plain_form(address)) == ("", "")


def test_a_tag_alone_is_not_cut_to_nothing():
    assert normal_form("+x@outlook.com") == "+x@outlook.com"
    assert normal_form("...@gmail.com") == "...@gmail.com"


def test_a_quoted_local_part_is_left_alone():
    assert normal_form('"ann+x"@outlook.com') == '"ann+x"@outlook.com'


@given(st.text(max_size=80))
def test_any_text_has_a_stable_form(text):
    form = normal_form(text)
    assert normal_form(form) == form
    assert plain_form(plain_form(text)) == plain_form(text)
    assert domain_to_ascii(domain_to_ascii(text)) == domain_to_ascii(text)


@given(st.from_regex(r"[a-z0-9.+-]{1,20}@(gmail\.com|yahoo\.com|outlook\.com|prospect\.test)", fullmatch=True))
def test_the_form_of_a_form_is_itself(address):
    assert normal_form(normal_form(address)) == normal_form(address)
