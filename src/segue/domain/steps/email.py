"""Automated email: sent by the engine from the enrollment's mailbox (SEQ-31)."""

from segue.domain.effects import SendEmail
from segue.domain.sequence import EmailSettings, Finding, Sequence, Step
from segue.domain.steps.kind import PlainSettings, StepType, object_schema
from segue.domain.steps.texts import check_subject, check_text

BODY_LIMIT = 256_000
"""Characters of a body: what rendering may put out at most (MAIL-10)."""

SCHEMA = object_schema(
    {
        "subject": {
            "type": "string",
            "description": "Subject, tokens allowed. A follow-up in the thread needs none.",
        },
        "body": {"type": "string", "description": "Text of the email, tokens allowed."},
        "format": {"enum": ["text", "html"], "description": "text (the default) or html."},
        "thread": {
            "type": ["boolean", "null"],
            "description": "true: answer the thread; false: begin a new one; left out: as `threaded` in the settings says.",
        },
    },
    required=("body",),
)


def _read(plain: PlainSettings) -> EmailSettings:
    return EmailSettings(
        body=plain["body"],
        subject=plain.get("subject", ""),
        format=plain.get("format", "text"),
        thread=plain.get("thread"),
    )


def _settings(step: Step) -> EmailSettings:
    if not isinstance(step.settings, EmailSettings):
        raise TypeError(f"step {step.key} is no email")
    return step.settings


def _validate(step: Step) -> list[Finding]:
    email = _settings(step)
    found = check_subject(email.subject, "subject")
    if not email.body.strip():
        found.append(Finding("This email has no text.", "Write its text under `body`.", path=("body",)))
    elif len(email.body) > BODY_LIMIT:
        found.append(Finding(f"This email is longer than {BODY_LIMIT:,} characters.", "Shorten it.", path=("body",)))
    else:
        found += check_text(email.body, "body", is_html=email.format == "html")
    return found


def _effect(step: Step, sequence: Sequence) -> SendEmail:
    email = _settings(step)
    return SendEmail(email, threaded=is_threaded(email, sequence))


def is_threaded(email: EmailSettings, sequence: Sequence) -> bool:
    """Whether the email continues the thread: its own word, else the sequence's switch (SEQ-39, SEQ-40)."""
    return sequence.settings.threaded if email.thread is None else email.thread


EMAIL = StepType("email", "Automated email", EmailSettings, SCHEMA, _read, _validate, _effect)
