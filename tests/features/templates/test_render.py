"""What becomes of a template for one contact: SEQ-18 … SEQ-29, MAIL-8, MAIL-9, S11."""

import email.message
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.errors import Invalid
from segue.features.templates.markup import clean, from_text, to_text
from segue.features.templates.render import (
    Format,
    MissingTokens,
    Unsubscribe,
    find_missing,
    make_signature,
    prepare_context,
    preview_email,
    render_email,
)

ANN: dict[str, object] = {
    "contact": {"first_name": "Ann", "company": "Prospect & Sons", "city": "", "state": None, "country": "  ", "n": 3, "tags": ["a", "b"]},
    "company": {"name": "Prospect Ltd"},
    "sender": {"full_name": "Rep Roe", "meetings_link": "https://meet.acme.test/rep"},
    "placeholder": {"reason": "your talk"},
}
LINK = Unsubscribe("https://segue.acme.test/u/abc?x=1&y=2", mailto="mailto:rep@acme.test?subject=unsubscribe%20abc")
TEXT: Format = "text"
HTML: Format = "html"


def body(template: str, format: Format = "text", context: dict[str, object] = ANN) -> str:  # noqa: A002
    return render_email("s", template, context, format=format).text


def words(text: str) -> list[str]:
    """Return the words of a text part without the link targets."""
    return re.sub(r"\(?\bhttps?://\S+", " ", text).split()


def words_of_html(html: str) -> list[str]:
    return words(to_text(clean(html)))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {{ contact.first_name }}!", "Hi Ann!"),
        ("Hi {{ contact.firstname }}!", "Hi Ann!"),
        ('Hi {{ contact.last_name|fallback("there") }}!', "Hi there!"),
        ('Hi {{ contact.city|default("there") }}!', "Hi there!"),
        ('Hi {{ contact.country|fallback("there") }}!', "Hi there!"),
        ('Hi {{ contact.first_name|upper|fallback("there") }}!', "Hi ANN!"),
        ('Hi {{ contact.last_name|upper|fallback("there") }}!', "Hi there!"),
        ('Hi {{ contact.last_name|fallback("there")|upper }}!', "Hi THERE!"),
        ('{{ contact.last_name|fallback("a")|fallback("b") }}', "a"),
        ("{{ contact.company }}|{{ company.name }}", "Prospect & Sons|Prospect Ltd"),
        ("{{ contact.n }} {{ contact.n|number(2) }}", "3 3.00"),
        ("{{ contact.tags|join(' and ') }}", "a and b"),
        ("{{ contact.first_name|replace('n', 'm')|lower }}", "amm"),
        ("{% if contact.city %}in {{ contact.city }}{% else %}somewhere{% endif %}", "somewhere"),
        ("{% if not contact.nowhere and contact.n > 2 %}yes{% endif %}", "yes"),
        ("{% if contact.nowhere|length > 0 or contact.nowhere|lower == 'x' %}yes{% else %}no{% endif %}", "no"),
        ("{% if contact.nowhere|fallback('x') == 'x' %}yes{% endif %}", "yes"),
        ("a\n{% if contact.n == 3 %}\nb\n{% endif %}\nc", "a\nb\nc"),
        ("a   {{- contact.first_name -}}   b", "aAnnb"),
        ("{{ placeholder.reason }} {{ sender.meetings_link }}", "your talk https://meet.acme.test/rep"),
        ("{ } }} %} {x} 100%", "{ } }} %} {x} 100%"),
        ("{{ 'quoted \" and \\' 👋' }}", "quoted \" and ' 👋"),
    ],
)
def test_a_template_renders(template: str, text: str) -> None:
    """SEQ-18, SEQ-19, SEQ-22."""
    assert body(template) == text + "\n"


@pytest.mark.parametrize("kind", [TEXT, HTML])
def test_a_missing_token_stops_the_send_and_is_named(kind: Format) -> None:
    """SEQ-20: all of them, and only those of the branches taken."""
    template = "{{ contact.last_name }} {{ contact.city }} {% if contact.n == 4 %}{{ contact.state }}{% endif %} {{ contact.first_name }}"
    with pytest.raises(MissingTokens) as caught:
        render_email("s", template, ANN, format=kind)
    assert caught.value.names == ("contact.last_name", "contact.city")
    assert caught.value.code == "MISSING_TOKEN"
    assert find_missing("{{ contact.phone }}", template, ANN, format=kind) == ("contact.phone", "contact.last_name", "contact.city")


def test_an_unfilled_placeholder_has_its_own_code() -> None:
    """SEQ-21."""
    with pytest.raises(MissingTokens) as caught:
        render_email("About {{ placeholder.topic }}", "x", ANN)
    assert caught.value.code == "UNFILLED_PLACEHOLDER"


def test_a_preview_shows_the_mark_and_the_mark_is_never_sent() -> None:
    """SEQ-20: neither when somebody saved the preview as a text."""
    made = preview_email("{{ contact.city|upper }}", "{{ contact.last_name }}", ANN)
    assert made.subject == "[[MISSING TOKEN - contact.city]]"
    assert made.text == "[[MISSING TOKEN - contact.last_name]]\n"
    with pytest.raises(MissingTokens):
        render_email("s", made.text, ANN)
    with pytest.raises(MissingTokens):
        render_email(made.subject, "x", ANN)


def test_values_are_never_read_for_tokens_again() -> None:
    """X3, S11: second-order placeholders stay text, in both parts."""
    trick = "{{ contact.email }} {% if x %} {{ placeholder.reason }} {# x #}"
    context = {"contact": {"first_name": trick, "email": "secret@b.test"}}
    for kind in (TEXT, HTML):
        made = render_email("{{ contact.first_name }}", "{{ contact.first_name }}", context, format=kind)
        assert made.subject == trick
        assert made.text == trick + "\n"
        assert "secret" not in made.html


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1))
def test_any_value_arrives_as_it_is_in_text_and_escaped_in_html(value: str) -> None:
    """MAIL-8, S11."""
    context = {"contact": {"first_name": value}}
    made = render_email("a {{ contact.first_name }} b", "a {{ contact.first_name }} b", context)
    assert made.subject == f"a {value} b"
    assert made.text == f"a {value} b\n"
    as_html = render_email("s", '<p title="{{ contact.first_name }}">a {{ contact.first_name }} b</p>', context, format="html")
    assert as_html.text == f"a {value} b\n"
    assert re.fullmatch(r'(?s)<p title="[^"]*">a [^<]* b</p>', as_html.html.split("<body>\n")[1].split("\n</body>")[0])


def test_a_subject_is_one_line() -> None:
    """MAIL-4: blanks are stripped and collapsed; a value with lines cannot make a header."""
    context = {"contact": {"first_name": "Ann\r\nBcc: x@y.test"}}
    assert render_email(" a \n {{ contact.first_name }}\t", "x", context).subject == "a Ann Bcc: x@y.test"


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029", "\ud800", "\x01"])
def test_a_value_with_a_control_character_is_refused_where_it_is_used(control: str) -> None:
    """X5, MAIL-4. A bad value that the text does not use stops no mail."""
    context = {"contact": {"first_name": f"A{control}", "last_name": "Roe"}}
    with pytest.raises(Invalid) as caught:
        render_email("s", "{{ contact.first_name }}", context)
    assert caught.value.field == "contact.first_name"
    with pytest.raises(Invalid):
        prepare_context(context)
    assert render_email("s", "{{ contact.last_name }}", context).text == "Roe\n"


def test_the_context_is_plain_json_without_empty_values() -> None:
    """MAIL-9."""
    assert prepare_context(ANN)["contact"] == {"first_name": "Ann", "company": "Prospect & Sons", "n": 3, "tags": ["a", "b"]}
    assert prepare_context({}) == {"contact": {}, "company": {}, "sender": {}, "placeholder": {}}
    for value in (object(), {"a": 1}, float("nan"), float("inf"), 2**70, b"x", {1}, email.message.Message()):
        with pytest.raises(Invalid):
            prepare_context({"contact": {"x": value}})


def test_a_text_that_calls_itself_safe_is_escaped_all_the_same() -> None:
    """MAIL-9: an object's methods could be called from the engine."""

    class Safe(str):
        __slots__ = ()

        def __html__(self) -> str:
            return "<script>x</script>"

        def __str__(self) -> str:
            return "<script>y</script>"

    made = render_email("s", "{{ contact.x }}", {"contact": {"x": Safe("<b>")}}, format="html")
    assert "&lt;b&gt;" in made.html
    assert "script" not in made.html


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        (TEXT, "Hi {{ contact.first_name }},\n\nsee https://acme.test/a?b=1&c=2. And <this> & that?\nBye\n\n\n\nRep"),
        (
            HTML,
            '<p>Hi {{ contact.first_name }},</p><p>see <a href="https://acme.test/a">our page</a> &amp; that<br>Bye</p><ul><li>one<li>two</ul>',
        ),
        (
            HTML,
            "<h1>Hi</h1>text &lt;b&gt; <table><tr><td>a</td><td>b</td></tr></table><script>no</script><style>p{color:red}</style><!-- no -->",
        ),
    ],
)
def test_both_parts_carry_the_same_words(kind: Format, template: str) -> None:
    """SEQ-29, S11."""
    made = render_email("s", template, ANN, format=kind, signature="Rep Roe\nAcme & Co", unsubscribe=LINK)
    assert [word.rstrip(":") for word in words(made.text)] == [word.rstrip(":") for word in words_of_html(made.html)]
    assert "Rep Roe" in made.text
    assert "no" not in words(made.text)


def test_links_of_html_are_written_in_the_text() -> None:
    """MAIL §1: inscriptis drops link targets."""
    template = (
        '<p><a href="https://a.test/x?y=1&amp;z=2">our <b>page</b></a>, <a href="https://a.test">https://a.test</a>, '
        '<a href="mailto:a@b.test">a@b.test</a>, <a href="#top">top</a>, <a>none</a></p>'
    )
    assert body(template, HTML) == "our page (https://a.test/x?y=1&z=2), https://a.test, a@b.test, top, none\n"


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("see https://a.test/b.", "https://a.test/b"),
        ("(https://a.test/b)", "https://a.test/b"),
        ("https://a.test/b_(c)", "https://a.test/b_(c)"),
        ("<https://a.test/?x=1&y=2>", "https://a.test/?x=1&amp;y=2"),
        ('"https://a.test/"', "https://a.test/"),
    ],
)
def test_links_of_text_are_links_in_the_html(text: str, href: str) -> None:
    made = from_text(text)
    assert f'<a href="{href}">{href}</a>' in made
    assert clean(made).count("<a ") == 1


def test_the_unsubscribe_line_closes_every_email() -> None:
    """SEQ-24, SEQ-25, MAIL-46: the visible link must work; the addresses go on to the headers."""
    made = render_email("s", "Hi", ANN, signature="Rep", unsubscribe=Unsubscribe(LINK.url, LINK.mailto, "Unsubscribe", "Acme\n1 Road"))
    assert made.text == f"Hi\n\nRep\n\nUnsubscribe: {LINK.url}\nAcme\n1 Road\n"
    assert '<a href="https://segue.acme.test/u/abc?x=1&amp;y=2">Unsubscribe</a>' in made.html
    assert (made.list_unsubscribe_url, made.list_unsubscribe_mailto) == (LINK.url, LINK.mailto)


def test_an_own_unsubscribe_link_is_not_doubled_and_a_hidden_one_keeps_its_headers() -> None:
    own = render_email("s", "Stop: {{ unsubscribe_link }}", ANN, unsubscribe=LINK)
    assert own.text == f"Stop: {LINK.url}\n"
    hidden = render_email("s", "Hi", ANN, unsubscribe=Unsubscribe(LINK.url, is_shown=False))
    assert hidden.text == "Hi\n"
    assert hidden.list_unsubscribe_url == LINK.url
    with pytest.raises(MissingTokens):
        render_email("s", "Stop: {{ unsubscribe_url }}", ANN)


def test_signatures_are_cleaned_and_have_both_forms() -> None:
    signature = make_signature('<p onclick="x()">Rep<br>Acme</p><script>x</script>', "html")
    assert signature.text == "Rep\nAcme"
    assert signature.html == "<div><p>Rep<br>Acme</p></div>"
    assert make_signature("  \n").text == ""


def test_style_sheets_are_inlined_and_media_rules_kept() -> None:
    """MAIL §1: the inliner's defaults would fetch remote sheets and drop @media."""
    sheet = (
        "<style>p { color: red } @media (max-width: 3px) { p { color: blue } }</style><link rel=stylesheet href=http://127.0.0.1:1/x.css>"
    )
    made = render_email("s", sheet + "<p>x</p>", ANN, format="html")
    assert '<p style="color: red;">x</p>' in made.html
    assert "@media" in made.html
    assert "127.0.0.1" not in made.html
    assert made.text == "x\n"


@pytest.mark.parametrize(
    "css",
    [
        "@import 'x'",
        "p{background:url(http://x)}",
        "p{width:expression(x)}",
        "p{}<b",
        "p{color:{{ contact.n }}}",
        "p{}" * 101,
        "p{color:" + "r" * 8000,
    ],
)
def test_a_style_sheet_that_loads_or_runs_is_refused(css: str) -> None:
    with pytest.raises(Invalid):
        render_email("s", f"<style>{css}</style><p>x</p>", ANN, format="html")


def test_a_mail_without_style_is_not_sent_through_the_inliner() -> None:
    assert render_email("s", "<p>x</p>", ANN, format="html").html.endswith("<body>\n<p>x</p>\n</body></html>\n")


def test_filters_write_dates_and_numbers() -> None:
    context = {"contact": {"on": "2026-03-04", "at": "2026-03-04T15:06:00+00:00", "n": "1234567.891", "x": "soon", "e": "1e400"}}
    assert body("{{ contact.on|date }}", context=context) == "4 March 2026\n"
    assert body("{{ contact.at|date('%A %d.%m.%y %H:%M %Q') }}", context=context) == "Wednesday 04.03.26 15:06 %Q\n"
    assert body("{{ contact.n|number }} {{ contact.n|number(1, '.') }} {{ contact.n|number(2, ' ') }}", context=context) == (
        "1,234,568 1.234.567,9 1 234 567,89\n"
    )
    assert (
        body("{{ contact.x|date }} {{ contact.x|number }} {{ contact.e|number }} {{ contact.x|join }}", context=context)
        == "soon soon 1e400 soon\n"
    )


def test_a_filter_that_does_not_fit_says_so_without_printing_values() -> None:
    """MAIL-9: the engine's error texts may hold the context."""
    with pytest.raises(Invalid) as caught:
        body("{{ contact.n|length }}")
    assert "Ann" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", [TEXT, HTML])
def test_no_value_of_another_contact_reaches_a_mail(kind: Format) -> None:
    """S11: one canary value per contact, rendered by many threads at once from one compiled template."""
    template = '<p>{{ contact.canary|replace("x", "y") }} {{ contact.city|fallback("none") }} {% if contact.late %}{{ contact.late }}{% endif %}</p>'

    def render(number: int) -> str:
        context = {"contact": {"canary": f"canary{number}x", "late": f"canary{number}z" if number % 3 else None}}
        made = render_email("{{ contact.canary }}", template, context, format=kind)
        return made.subject + made.text + made.html

    with ThreadPoolExecutor(8) as pool:
        for number, made in enumerate(pool.map(render, range(800))):
            assert set(re.findall(r"canary\d+", made)) == {f"canary{number}"}
            assert f"canary{number}y" in made
            assert (f"canary{number}z" in made) == bool(number % 3)
