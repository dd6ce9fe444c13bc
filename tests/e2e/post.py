"""The post as the test sees it: mails in real mailboxes, people who answer, and a judgement that shares no code with the product."""

import contextlib
import email
import smtplib
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.utils import make_msgid, parsedate_to_datetime
from typing import Self

from servers.mail_servers import MailServers


@dataclass(frozen=True)
class Mail:
    """A mail in a mailbox."""

    raw: bytes
    message: "Message[str, str]"

    @classmethod
    def parse(cls, raw: bytes) -> "Mail":
        return cls(raw, email.message_from_bytes(raw))

    def __getitem__(self, header: str) -> str:
        return " ".join(str(self.message.get(header, "")).split())

    @property
    def subject(self) -> str:
        """The subject as people read it."""
        return str(make_header(decode_header(self["Subject"])))

    @property
    def date(self) -> datetime:
        return parsedate_to_datetime(self["Date"])

    @property
    def body(self) -> bytes:
        """The wire's own part, without what servers put in front."""
        return self.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]


def mails_of(servers: MailServers, user: str, folder: str = "") -> list[Mail]:
    """Return the mails of a folder, in the order in which they arrived."""
    home = servers.folder / "dv/mail" / user / (f".{folder}" if folder else "")
    files = [path for name in ("new", "cur") for path in home.glob(f"{name}/*")]
    found = []
    for path in files:
        with contextlib.suppress(FileNotFoundError):  # somebody who looks at it moves it from `new` to `cur`
            found.append((path.stat().st_mtime_ns, path.name, Mail.parse(path.read_bytes())))
    return [mail for *_, mail in sorted(found, key=lambda each: each[:2])]


def from_rep(servers: MailServers, user: str) -> list[Mail]:
    """Return what the rep's sequences sent to somebody, in order of sending."""
    return sorted((mail for mail in mails_of(servers, user) if mail["X-Segue-Key"]), key=lambda mail: mail.date)


def deliver(servers: MailServers, sender: str, message: "EmailMessage | MIMEMultipart", to: str = "rep@acme.test") -> str:
    """Hand a mail to Postfix, as the sender's own server would. Returns its Message-ID."""
    if "Message-ID" not in message:
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "prospect.test")
    with smtplib.SMTP("127.0.0.1", servers.relay_port, local_hostname="mx.prospect.test", timeout=20) as client:
        client.send_message(message, from_addr=sender, to_addrs=[to])
    return str(message["Message-ID"])


def write(sender: str, subject: str, text: str, *, to: str = "rep@acme.test", date: datetime | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = date or datetime.now(UTC)
    message.set_content(text)
    return message


def answer(mail: Mail, sender: str, text: str) -> EmailMessage:
    """Write a reply as mail programs do: the ids of the answered mail, its subject, its text below."""
    subject = mail.subject
    quoted = "\n".join(f"> {line}" for line in mail.body.decode(errors="replace").splitlines()[:6])
    message = write(
        sender, subject if subject.lower().startswith("re:") else f"Re: {subject}", f"{text}\n\nOn some day Rita Reyes wrote:\n{quoted}\n"
    )
    message["In-Reply-To"] = mail["Message-ID"]
    message["References"] = " ".join(filter(None, (mail["References"], mail["Message-ID"])))
    return message


def note(mail: Mail, sender: str, text: str) -> EmailMessage:
    """Write an automatic answer as Exchange does. Sieve's vacation answers no mail that carries List-Unsubscribe (RFC 5230 §4.6)."""
    message = write(sender, f"Automatic reply: {mail.subject}", text)
    message["In-Reply-To"] = mail["Message-ID"]
    message["Auto-Submitted"] = "auto-generated"
    return message


Reaction = Callable[[Mail], None]


class People:
    """Contacts who look into their mailboxes and answer the n-th mail of the rep, while the context lasts."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.answered: dict[str, Mail] = {}
        self._reactions: dict[tuple[str, int], Reaction] = {}
        self._done: set[tuple[str, int]] = set()
        self._errors: list[str] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="people", daemon=True)

    def on(self, who: str, number: int, reaction: Reaction) -> None:
        """Let somebody react to the rep's n-th mail, counted from 1."""
        self._reactions[who, number] = reaction

    def reply(self, who: str, number: int, text: str, *, sender: str = "") -> None:
        """Let somebody answer the n-th mail, from another address if one is given."""

        def react(mail: Mail) -> None:
            self.answered[who] = mail
            deliver(self.servers, sender or who, answer(mail, sender or who, text))

        self.on(who, number, react)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(30)
        self.assert_well()
        assert not self._thread.is_alive(), "somebody still reacts"

    def assert_well(self) -> None:
        """Fail with what went wrong in the reactions so far: waiting for what follows from them would be in vain."""
        assert not self._errors, "\n".join(self._errors)

    def all_done(self) -> bool:
        return self._done == set(self._reactions)

    def _look(self) -> None:
        try:
            while not self._ended.wait(0.05):
                self._look_once()
        except Exception:  # noqa: BLE001  shown by assert_well
            self._errors.append(f"nobody looks into the mailboxes any more:\n{traceback.format_exc()}")

    def _look_once(self) -> None:
        for (who, number), react in self._reactions.items():
            if (who, number) in self._done:
                continue
            found = from_rep(self.servers, who)
            if len(found) >= number:
                try:
                    react(found[number - 1])
                except Exception:  # noqa: BLE001  shown by assert_well; the others react all the same
                    self._errors.append(f"{who} could not react to mail {number}:\n{traceback.format_exc()}")
                self._done.add((who, number))


def sent_by_key(mails: list[Mail]) -> dict[str, list[Mail]]:
    """Group mails by the key of the intended message: more than one under a key was sent twice."""
    found: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        found[mail["X-Segue-Key"]].append(mail)
    return found


def each_thread(mails: list[Mail]) -> Iterator[tuple[Mail, list[Mail]]]:
    """Yield each mail with those before it in the thread."""
    for place, mail in enumerate(mails):
        yield mail, mails[:place]
