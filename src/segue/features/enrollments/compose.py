"""From a decision to the bytes of a mail: thread, text, letter (SEQ-40, MAIL-1). No database, no network."""

from dataclasses import dataclass, replace
from datetime import datetime

from segue.domain import mime, threading
from segue.domain.effects import SendEmail
from segue.domain.errors import DomainError
from segue.domain.ids import EnrollmentId, StepKey, WorkspaceId
from segue.domain.public_links import LinkKey, LinkKind, MessageLink, link_url, unsubscribe_mailto
from segue.domain.sequence import EmailSettings, TaskSettings
from segue.features.enrollments.store import Loaded
from segue.features.mail.outbox import Draft
from segue.features.mail.rewriting import Tracked, track
from segue.features.templates.render import Context, Rendered, Unsubscribe, preview_email, render_email


def compose(workspace_id: WorkspaceId, loaded: Loaded, step_key: StepKey, effect: SendEmail, now: datetime) -> Draft:
    """Build the mail of a step for one contact.

    Raises:
        MissingTokens: a value that the text needs is not there (SEQ-20).
        Unbuildable: the text cannot be written as a correct message (MAIL-4).
    """
    enrollment = loaded.enrollment
    values = token_values(loaded)
    links = LinkKey(loaded.mail_secret, workspace_id, EnrollmentId(enrollment.id), step_key, enrollment.generation)
    opt_out = MessageLink(LinkKind.UNSUBSCRIBE, links.token(LinkKind.UNSUBSCRIBE))
    rendered = _render(loaded, effect.settings, values, opt_out.token)
    thread = threading.thread_of(
        own_subject=rendered.subject,
        first_subject=_first_subject(loaded, values, rendered.subject),
        one_thread=effect.threaded,
        continues=None,
        sent=loaded.sent,
    )
    domain = loaded.mailbox.address.rpartition("@")[2]
    message_id = threading.make_message_id(loaded.mail_secret, workspace_id, enrollment.id, step_key, enrollment.generation, domain=domain)
    key = threading.make_key(loaded.mail_secret, workspace_id, enrollment.id, step_key, enrollment.generation)
    tracked = track(rendered.html, loaded.links, links) if effect.settings.format == "html" else Tracked(rendered.html)
    letter = mime.Letter(
        sender=mime.Person(loaded.mailbox.display_name or loaded.sender.name, loaded.mailbox.address),
        recipient=mime.Person(loaded.recipient_name, loaded.address),
        subject=thread.subject,
        date=now.astimezone(loaded.sender.zone),
        message_id=message_id,
        key=key,
        text=rendered.text,
        html=tracked.html,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        # With the link and only with it (SEQ-24): no vacation program answers mail that bears a List- header (RFC 5230 §4.6).
        list_unsubscribe_url=rendered.list_unsubscribe_url if loaded.links.shows_link else "",
        list_unsubscribe_mailto=rendered.list_unsubscribe_mailto if loaded.links.shows_link else "",
    )
    return _draft(loaded, step_key, thread, Wire(mime.serialize(letter), message_id, key, (opt_out, *tracked.links)))


def _render(loaded: Loaded, settings: EmailSettings, values: Context, token: str) -> Rendered:
    return render_email(
        settings.subject,
        settings.body,
        values,
        format=settings.format,
        signature=loaded.sender.signature,
        unsubscribe=closing(loaded, token),
    )


@dataclass(frozen=True, slots=True)
class Wire:
    """A mail as bytes with the ids and the addresses of ours that stand in it."""

    content: bytes
    message_id: str
    key: str
    links: tuple[MessageLink, ...]


def closing(loaded: Loaded, token: str) -> Unsubscribe:
    """Return how a mail lets its reader opt out: by link, or where contacts cannot reach us by mail alone (SEQ-24, MAIL-45, MAIL-47)."""
    rules = loaded.links
    mailto = unsubscribe_mailto(loaded.mailbox.address, token)
    url = link_url(rules.public_url, LinkKind.UNSUBSCRIBE, token) if rules.public_url else mailto
    return Unsubscribe(url, mailto, rules.words, rules.postal_address, is_shown=rules.shows_link)


def example_closing(loaded: Loaded) -> Unsubscribe:
    """Return the same for a preview, with a link that leads nowhere: a preview must not hold what could opt somebody out."""
    return closing(loaded, "…")


def _draft(loaded: Loaded, step_key: StepKey, thread: threading.Thread, wire: Wire) -> Draft:
    return Draft(
        enrollment_id=EnrollmentId(loaded.enrollment.id),
        step_key=step_key,
        generation=loaded.enrollment.generation,
        contact_id=loaded.contact_id,
        mailbox_id=loaded.mailbox.id,
        user_id=loaded.sender.id,
        first_email=loaded.enrollment.first_email,
        version=loaded.version,
        timezone=str(loaded.around.zone),
        sender=loaded.mailbox.address,
        recipient=loaded.address,
        recipient_normal=loaded.address_normal,
        subject=thread.subject,
        base_subject=loaded.sent[0].subject if thread.answers is not None else thread.subject,
        message_id=wire.message_id,
        key=wire.key,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        wire=wire.content,
        links=wire.links,
        variant=loaded.around.variant(loaded.enrollment),
    )


def token_values(loaded: Loaded) -> Context:
    """Return what tokens may name: plain JSON, never an object (MAIL-9)."""
    sender_first, _, sender_last = loaded.sender.name.partition(" ")
    return {
        "contact": loaded.contact,
        "placeholder": dict(loaded.placeholders),
        "company": {"name": "", **loaded.company},
        "sender": {
            "first_name": sender_first,
            "last_name": sender_last,
            "full_name": loaded.sender.name,
            "email": loaded.mailbox.address,
        },
    }


def fill_task(loaded: Loaded, settings: TaskSettings) -> TaskSettings:
    """Return a task with its tokens filled in; what is missing is shown as missing, for a person reads it (SEQ-20)."""
    try:
        made = preview_email(settings.subject, settings.notes, token_values(loaded))
    except DomainError:  # a value that no text may hold: the task is still to be done, so it appears as it was written
        return settings
    return replace(settings, subject=made.subject, notes=made.text.strip())


def _first_subject(loaded: Loaded, values: Context, own: str) -> str:
    """The subject of the sequence's first email, for a mail that opens a thread without one of its own (SEQ-40)."""
    if own:
        return own
    first = next((s.settings for s in loaded.around.sequence.steps if isinstance(s.settings, EmailSettings) and s.settings.subject), None)
    return render_email(first.subject, "", values).subject if first else ""
