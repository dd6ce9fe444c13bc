"""Only our own mailbox host's topmost word on the From domain counts (SEQ-157, S15)."""

import pytest

from corpora.make_mail import mail
from segue.domain.inbound import ReadContext, read

ANN = "Ann <ann@prospect.test>"
OURS = ReadContext(trusted_authserv=frozenset({"mx.acme.test"}))


def judged(*results, sender=ANN, context=OURS, extra=""):
    headers = "".join(f"Authentication-Results: {one}\n" for one in results) + extra
    return read(mail(sender, "Re: x", "Yes.", headers), context).authentication


@pytest.mark.parametrize(
    ("result", "want"),
    [
        ("mx.acme.test; dmarc=pass header.from=prospect.test", "pass"),
        ("mx.acme.test 1; dkim=pass header.d=mail.prospect.test", "pass"),
        ("mx.acme.test; dkim=pass (2048-bit key; x) header.i=@prospect.test; spf=fail smtp.mailfrom=else.test", "pass"),
        ("mx.acme.test; spf=pass smtp.mailfrom=bounce@prospect.test", "pass"),
        ("mx.acme.test; spf=pass smtp.mailfrom=bounce@else.test", "none"),
        ("mx.acme.test; dkim=pass header.d=else.test", "none"),
        ("mx.acme.test; dmarc=fail (p=NONE) header.from=prospect.test", "fail"),
        ("mx.acme.test; dmarc=pass header.from=else.test", "fail"),
        ("mx.acme.test; dkim=fail header.d=prospect.test; spf=softfail smtp.mailfrom=prospect.test", "fail"),
        ("mx.acme.test; none", "none"),
        ("mx.else.test; dmarc=pass header.from=prospect.test", "none"),
        ("", "none"),
        ("mx.acme.test", "none"),
    ],
)
def test_the_hosts_word_is_read(result, want):
    assert judged(result) == want


def test_only_the_topmost_header_counts():
    good, bad = "mx.acme.test; dmarc=pass header.from=prospect.test", "mx.acme.test; dmarc=fail header.from=prospect.test"
    assert judged(good, bad) == "pass"
    assert judged(bad, good) == "fail"
    assert judged("evil.test; dmarc=pass", good) == "none"


def test_nobody_is_trusted_unless_named_and_exchange_names_nobody():
    result = "spf=pass smtp.mailfrom=prospect.test; dkim=pass header.d=prospect.test; dmarc=pass action=none header.from=prospect.test"
    assert judged(result, context=ReadContext()) == "none"
    assert judged(result) == "none"
    assert judged(result, context=ReadContext(trusted_authserv=frozenset({""}))) == "pass"


def test_two_from_headers_are_a_failure():
    assert judged("mx.acme.test; dmarc=pass header.from=prospect.test", extra="From: Carl <carl@else.test>\n") == "fail"
