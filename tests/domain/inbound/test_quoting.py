"""Cases of quotation that are easy to get wrong (MAIL-79, MAIL-80)."""

import pytest

from segue.domain.inbound.quoting import new_text

CASES = {
    "inline answers": ("> How many seats?\nTen.\n\n> When?\nIn May.\n", "Ten.\n\nIn May."),
    "answer below": ("On 04/19/2027 07:10 AM, Bob wrote:\n\n>\n> A question\n\nAn answer\n", "An answer"),
    "answer around": ("Above\n\nOn 04/19/2027 07:10 AM, Bob wrote:\n> x\n> On 04/18/2027 Ann wrote:\n>> y\n\nBelow\n", "Above\n\nBelow"),
    "no line of its own": ("Thanks\nOn Tue, Apr 29, 2027, Bob wrote:\n> x", "Thanks"),
    "a sentence before it": ("On it!\nOn Tue, Apr 29, 2027, Bob wrote:\n> x", "On it!"),
    "three lines": ("Ok\n\nOn Nov 30, 2027, at 12:47 PM, Somebody <\n416ffd3258d4d2fa4c85\n@example.test>wrote:\n\nold\n", "Ok"),
    "dashes": ("New\n\n------On 12/29/2027 17:32 PM, Bob Seller wrote-----\n\nold", "New"),
    "no colon": ("Fine\n2027/4/7 Nathan <n@example.test>\n\n>  old", "Fine"),
    "unmarked old text": ("Ok\n\nOp 13-02-2027 3:18 schreef Bob Seller <bob@acme.test>:\n\nold text", "Ok"),
    "on is a word": ("On your host you can run:\n\n     telnet x\n\nIt works.\n\nOn 9 Jan 2027, at 2:47, Bob wrote:\n\n> q", "On your host you can run:\n\n     telnet x\n\nIt works."),
    "one is not on": ("Thanks.\n\nOne question I had:\n\nWhere?\n\nOn Oct 1, 2027, at 11:55 PM, Bob wrote:\n\n> q", "Thanks.\n\nOne question I had:\n\nWhere?"),
    "said is no quotation": ("I asked him and he said:\nno way", "I asked him and he said:\nno way"),
    "wrote is no quotation": ("As I wrote:\nwe are not buying.", "As I wrote:\nwe are not buying."),
    "signature": ("Thanks!\n\n-- \nAnn\nHead of Sales", "Thanks!"),
    "dash name": ("Got it.\n\n-Rick\n", "Got it."),
    "bullets": ("My points:\n\n- the first\n- the second\n", "My points:\n\n- the first\n- the second"),
    "device": ("Yes\n\nSent from my Verizon Wireless BlackBerry", "Yes"),
    "device in German": ("Ja\n\nVon meinem iPhone gesendet", "Ja"),
    "device in Japanese": ("はい\n\niPhoneから送信", "はい"),
    "a sentence like a device line": ("Sent from my desk, is much easier than my phone.", "Sent from my desk, is much easier than my phone."),
    "outlook app": ("Yes\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "Yes"),
    "rule and block": ("Reply\n\n\n ------------------------------\n*From:* Team [mailto:x@y.test]\n*Sent:* Thu\n*To:* a\n*Subject:* s\n\nold", "Reply"),
    "from with address": ("Hello!\n\nFrom: somebody@example.test\nSent: March-19-27 5:42 PM\nTo: Some\nSubject: S\n\nold", "Hello!"),
    "date first": ("Reply\n\nDate: Tue, 5 Jan 2027 10:00:00\nFrom: x@y.test\nTo: z@y.test\nSubject: a\n\nold", "Reply"),
    "forward": ("FYI\n\n---------- Forwarded message ----------\nFrom: bob@example.test\nSubject: Two\n\nText", "FYI"),
    "chinese mark": ('好的\n\n------------------ 原始邮件 ------------------\n发件人: "a";\n主题: c\n\nx', "好的"),
    "reply above": ("Ok\n\n##- Please type your reply above this line -##\nold", "Ok"),
    "shouting": ("Visit us\n>>> >>>  http://www.domain.test <<<\nnow", "Visit us\n>>> >>>  http://www.domain.test <<<\nnow"),
    "legal footer": ("Agreed.\n\nCONFIDENTIALITY NOTICE: this e-mail is for the addressee only and so on.", "Agreed."),
    "legal footer in German": ("Gut.\n\nDiese E-Mail enthält vertrauliche Informationen und so weiter.", "Gut."),
    "list footer": ("Yes.\n\n_______________________________________________\nteam mailing list\nteam@x.test", "Yes."),
    "wrapped quotation": ("Ok\n\nOn Jan 1, 2027, Bob wrote:\n> a line that is rather long and was wrapped by a program on its\nway to me\n> more\n", "Ok"),
}  # fmt: skip

PAGES = {
    "gmail": '<div dir="ltr">New</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Bob wrote:<br></div><blockquote class="gmail_quote">old</blockquote></div>',
    "gmail inline": '<div class="gmail_quote"><div class="gmail_attr">On Mon, Bob wrote:</div><blockquote class="gmail_quote">old 1</blockquote><div>New</div><blockquote class="gmail_quote">old 2</blockquote></div>',
    "gmail forward": 'New<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------</div>old</div>',
    "apple": '<html><body>New<div><blockquote type="cite"><div>On Jan 1, 2027, Bob wrote:</div>old</blockquote></div></body></html>',
    "outlook web": '<div>New</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Bob</div><div>old</div>',
    "outlook": '<p class="MsoNormal">New</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>From:</b> Bob</p></div></div><p>old</p>',
    "thunderbird": '<p>New</p><div class="moz-cite-prefix">On 1.1.27 Bob wrote:<br></div><blockquote type="cite" cite="mid:x"><p>old</p></blockquote>',
    "yahoo": '<div>New</div><div class="yahoo_quoted"><div>On Monday, Bob wrote:</div>old</div>',
    "proton": "<div>New</div><div class='protonmail_quote'>------- Original Message -------<br>old</div>",
    "no marker": "<p>New</p><p>On Mon, Jan 11, 2027 at 10:00 AM Bob &lt;bob@acme.test&gt; wrote:</p><p>&gt; old</p>",
    "signature": '<div>New</div><div class="gmail_quote"><blockquote>old</blockquote></div><script>old</script><style>.old{}</style>',
}


@pytest.mark.parametrize("name", CASES)
def test_the_new_text_is_cut_out(name):
    body, want = CASES[name]
    assert "".join(new_text(body, "").text.split()) == "".join(want.split())


@pytest.mark.parametrize("name", PAGES)
def test_marks_of_mail_programs_in_pages_are_known(name):
    got = new_text("", PAGES[name])
    assert (got.text, got.quoted) == ("New", True)


def test_where_nothing_would_be_left_everything_is_kept_and_marked():
    got = new_text("> only a quotation\n", "")
    assert (got.text, got.kept_all) == ("> only a quotation", True)
    page = new_text("", '<blockquote type="cite">only</blockquote>')
    assert (page.text, page.kept_all) == ("only", True)


def test_a_known_parent_is_cut_even_without_marks():
    parent = "Hi Ann,\n\nare you the right person for a quick question about your pumps?\nWe sell seals that last twice as long as others.\n\nBob"
    body = "Yes I am.\n\nHi Ann,\n\nare you the right person for a quick question about your\npumps?\nWe sell seals that last twice as long as others.\n"
    assert new_text(body, "", parent).text.startswith("Yes I am.")
    assert "seals" not in new_text(body, "", parent).text


def test_a_short_answer_that_occurs_in_the_parent_stays():
    assert new_text("Yes\n", "", "Please answer yes or no.\n").text == "Yes"
