"""Who speaks: a mail system, or somebody. Names and local parts of daemons (MAIL-64)."""

import re

from segue.domain.inbound.decode import fold
from segue.domain.inbound.message import Message
from segue.domain.inbound.phrases import folded

# Local parts that only mail software uses.
_DAEMON = re.compile(
    r"(?:mailer-?daemon|mailerdaemon|mailer_daemon|mail-daemon|maildaemon|mail_daemon|mdaemon|mailer|microsoftexchange[0-9a-f]{16,40}|mmdf|uucp|smtpd?|"
    r"mail-?delivery(?:-?(?:system|subsystem))?|mailsystem|mail-?system|postmaster-?bounce|bounce-?daemon|smtp-daemon|mta|exchange)"
)
# Local parts that people read and write as well: they count only with the structure of a notice.
_OFFICE = re.compile(
    r"(?:postmaster|post_?master|post-master|admin(?:istrator)?|mailadmin|mail-?admin|system|sysadmin|hostmaster|noreply|no-?reply|no_reply|donotreply|"
    r"do-not-reply|bounces?|bounced?-.*|root|daemon|mail|delivery|nobody|antispam|antivirus|virus|spam|interscan|gateway|mailgate|mailmaster|"
    r"mail-?error|error|errors|returned-?mail|listserv|majordomo|mailman|dsn|ndr|mailrobot|robot|mailhost|autoreply|notification|notifications)(?:[-+.\d].*)?"
)
_MACHINE = re.compile(
    r"antivir|virus|mailscan|scanmail|gateway|mailfilter|sweeper|bounce|mailer|daemon|postmaster|no-?reply|delivery|mailgate|interscan"
)
_NAMES = folded(
    """
    mail delivery system
    mail delivery subsystem
    mail delivery service
    mail delivery agent
    mail delivery
    mail system
    mailer-daemon
    mailer daemon
    mailerdaemon
    mdaemon
    internet mail delivery
    email delivery system
    message delivery system
    delivery subsystem
    mail transport
    mail transfer agent
    microsoft outlook
    microsoft exchange
    microsoft exchange server
    exchange server
    system administrator
    systemadministrator
    administrateur système
    administrador del sistema
    administrador do sistema
    amministratore di sistema
    amministratore sistema
    systeembeheerder
    systembeheerder
    systemadministratör
    systemadministrator
    administrator systemu
    správce systému
    rendszergazda
    системный администратор
    σύστημα διαχείρισης
    sistem yöneticisi
    システム管理者
    系统管理员
    系統管理員
    시스템 관리자
    postmaster
    mail administrator
    courier mail server
    email server
    mail server
    mailserver
    electronic postmaster
    mail router
    mail gateway
    mail-system
    sistema de correo
    système de messagerie
    mail-zustelldienst
    почтовая система
    postfix
    exim
    sendmail
    qmail
    lotus notes router
    interscan
    """
)


def is_daemon(mail: Message) -> bool:
    """From is an address or a name that only mail software uses."""
    local = mail.sender.partition("@")[0] if mail.sender else ""
    name = fold(mail.sender_name).strip(" \"'<>")
    return bool(_DAEMON.fullmatch(local)) or name in _NAMES or name.startswith(("mailer-daemon", "mail delivery s", "microsoftexchange"))


def is_exchange(mail: Message) -> bool:
    """Exchange's system sender, "MicrosoftExchange" and 32 hex digits: nobody else has it, whatever language it writes in."""
    return bool(re.fullmatch(r"microsoftexchange[0-9a-f]{16,40}", mail.sender.partition("@")[0]))


def is_office(mail: Message) -> bool:
    """From is a role that mail software and people share."""
    local = mail.sender.partition("@")[0]
    return bool(_OFFICE.fullmatch(local) or _MACHINE.search(local))


def has_null_path(mail: Message) -> bool:
    """Return-Path is `<>` (RFC 5321 §4.5.5). Never a sign of an auto-reply by itself (MAIL-73)."""
    if not mail.root.has("return-path"):
        return False
    path = mail.root.raw("return-path").strip().lower()
    return path in {b"<>", b""} or path.startswith((b"<mailer-daemon", b"mailer-daemon"))
