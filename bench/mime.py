"""Messages per CPU second: our serializer against `email.message.EmailMessage`, in one run, each letter personal; then rendering too.

Run: python bench/mime.py [seconds per contender]
"""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from segue.domain.mime import Letter, Person, serialize
from segue.features.templates.render import Rendered, Signature, Unsubscribe, make_signature, render_email

ZONE = timezone(timedelta(hours=2))
PARAGRAPH = "I saw that {company} opened a new site in Kraków — congratulations, {name}! How do you plan the first hundred days there?"


def letter(number: int) -> Letter:
    """Return the letter to contact `number`: 5 kB of text and HTML together, threading and unsubscribe headers."""
    name, company = f"Ann{number}", f"Company {number * 7919 % 10007}"
    paragraph = PARAGRAPH.format(name=name, company=company)
    text = "\n\n".join([f"Hello {name},", *[paragraph] * 17, "Best\nRep"])
    html = f"<p>Hello {name},</p>\n" + f"<p>{paragraph}</p>\n" * 17 + "<p>Best<br>Rep</p>\n"
    return addressed(number, Rendered(f"Re: The first hundred days of {company}", text, html, *unsubscribe(number)))


def unsubscribe(number: int) -> tuple[str, str]:
    return f"https://segue.acme.test/u/{number:040x}", f"mailto:rep@acme.test?subject=unsubscribe%20{number:020x}"


def addressed(number: int, words: Rendered) -> Letter:
    return Letter(
        sender=Person("Rep Roe", "rep@acme.test"),
        recipient=Person(f"Ann{number} Prospect", f"ann{number}@prospect.test"),
        subject=words.subject,
        date=datetime(2026, 3, 2, 9, number % 60, tzinfo=ZONE),
        message_id=f"<{number:032}@acme.test>",
        key=f"{number:032x}",
        text=words.text,
        html=words.html,
        in_reply_to=f"<{number:031}a@acme.test>",
        references=(f"<{number:031}b@acme.test>", f"<{number:031}a@acme.test>"),
        list_unsubscribe_url=words.list_unsubscribe_url,
        list_unsubscribe_mailto=words.list_unsubscribe_mailto,
    )


def by_email_message(it: Letter) -> bytes:
    """Build the same letter with the standard library's modern API."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(it.date)
    message["From"] = f'"{it.sender.name}" <{it.sender.address}>'
    message["To"] = f'"{it.recipient.name}" <{it.recipient.address}>'
    message["Subject"] = it.subject
    message["Message-ID"] = it.message_id
    message["In-Reply-To"] = it.in_reply_to
    message["References"] = " ".join(it.references)
    message["List-Unsubscribe"] = f"<{it.list_unsubscribe_url}>, <{it.list_unsubscribe_mailto}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["X-Segue-Key"] = it.key
    message.set_content(it.text, cte="quoted-printable")
    message.add_alternative(it.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


TEMPLATE = "\n\n".join(
    [
        'Hello {{ contact.first_name|fallback("there") }},',
        "I saw that {{ contact.company }} opened a new site{% if contact.city %} in {{ contact.city }}{% endif %}.",
        *["Congratulations — how do you and your people plan the first hundred days there, and who looks after them?"] * 19,
        "Have a look at https://acme.test/plan and tell me: {{ placeholder.reason }}.",
    ]
)
SIGNATURE: Signature = make_signature("Rep Roe\nAcme")


def rendered_and_serialized(number: int) -> bytes:
    """Render the template for contact `number` as well: what a mail costs from values to bytes."""
    context = {
        "contact": {"first_name": f"Ann{number}", "company": f"Company {number}", "city": "Kraków"},
        "placeholder": {"reason": f"is it {number}?"},
    }
    link = Unsubscribe(*unsubscribe(number))
    return serialize(
        addressed(
            number,
            render_email("The first days of {{ contact.company }}", TEMPLATE, context, signature=SIGNATURE, unsubscribe=link),
        )
    )


def per_cpu_second(build: Callable[[Any], bytes], letters: Sequence[Any], seconds: float) -> float:
    """Return how many messages one CPU second builds."""
    for each in letters[:50]:
        build(each)
    built, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        at = built % len(letters)
        for each in letters[at : at + 100]:
            build(each)
        built += 100
    return built / (time.process_time() - began)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    letters = [letter(number) for number in range(2000)]
    size = sum(len(each.text.encode()) + len(each.html.encode()) for each in letters) / len(letters)
    # Turn and turn about, so that a neighbour's load meets both.
    ours, theirs, rendered = 0.0, 0.0, 0.0
    for _ in range(3):
        ours = max(ours, per_cpu_second(serialize, letters, seconds / 3))
        rendered = max(rendered, per_cpu_second(rendered_and_serialized, range(2000), seconds / 3))
        theirs = max(theirs, per_cpu_second(by_email_message, letters, seconds / 3))
    print(f"bodies {size / 1000:.1f} kB, message {len(serialize(letters[0])) / 1000:.1f} kB")
    print(f"EmailMessage   {theirs:8,.0f} messages per CPU second")
    print(f"segue          {ours:8,.0f} messages per CPU second")
    print(f"with rendering {rendered:8,.0f} messages per CPU second ({len(rendered_and_serialized(0)) / 1000:.1f} kB each)")
    print(f"ratio          {ours / theirs:8.1f}")


if __name__ == "__main__":
    main()
