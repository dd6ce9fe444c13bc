"""sequences.md §2, templates and tokens: what no other test holds against its rule."""

from segue.features.templates.render import render_email

BODY = "Hello {{ contact.first_name }}, book here: {{ sender.meetings_link }}"


def words(link: str, body: str = BODY) -> str:
    context = {"contact": {"first_name": "Ann"}, "sender": {"meetings_link": link}}
    return render_email("Hi", body, context).text


def test_seq_22_the_meetings_link_is_the_senders():
    """A shared template shows each user's own link; a link that is written out stays what it is."""
    assert words("https://meet.acme.test/rita") == "Hello Ann, book here: https://meet.acme.test/rita\n"
    assert words("https://meet.acme.test/noah") == "Hello Ann, book here: https://meet.acme.test/noah\n"
    assert words("https://meet.acme.test/noah", "https://meet.acme.test/rita") == "https://meet.acme.test/rita\n"


def test_seq_29_another_text_gives_other_parts():
    """Both parts carry the same words, and no words but those of their own text."""
    one, two = (render_email("Hi", body, {"contact": {"first_name": "Ann"}}) for body in ("One {{ contact.first_name }}", "Two"))
    assert "One Ann" in one.text
    assert "One Ann" in one.html
    assert "Ann" not in two.text + two.html
