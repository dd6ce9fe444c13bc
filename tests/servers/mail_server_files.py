"""Configuration of the real mail servers (mail.md §14): tried, and kept close to the specification's recipe."""

from collections.abc import Sequence
from pathlib import Path

_DOVECOT = """
base_dir = {folder}/dv/run
log_path = {folder}/dv/log
protocols = imap lmtp submission
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/tls/server.pem
ssl_key = <{folder}/tls/server.pem
disable_plaintext_auth = no
mail_location = maildir:{folder}/dv/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 1000
postmaster_address = postmaster@acme.test
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_host = 127.0.0.1:{relay}
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/dv/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/dv/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Spam {{
    special_use = \\Junk
    auto = subscribe
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {submission}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{folder}/dv/sieve/%u.sieve
  sieve_vacation_min_period = 0
}}
"""

_SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
showq unix n - n - - showq
tlsmgr unix - - n - 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def dovecot_conf(folder: Path, base: int) -> str:
    """Return dovecot.conf for Dovecot 2.3."""
    return _DOVECOT.format(
        folder=folder,
        relay=base + 25,
        imap=base + 43,
        imaps=base + 93,
        submission=base + 87,
        lmtp=base + 24,
    )


def main_cf(folder: Path, base: int, domains: Sequence[str]) -> str:
    """Return Postfix's main.cf: quick retries, so that delayed and failed notices come within seconds."""
    lines = (
        "compatibility_level=3.6",
        f"queue_directory={folder}/pf/spool",
        f"data_directory={folder}/pf/lib",
        "mail_owner=postfix",
        "setgid_group=postdrop",
        "myhostname=mx.acme.test",
        "mydestination=",
        "mynetworks=127.0.0.0/8",
        "inet_interfaces=127.0.0.1",
        "inet_protocols=ipv4",
        "alias_maps=",
        f"maillog_file_prefixes={folder}",
        f"maillog_file={folder}/pf/log",
        f"virtual_mailbox_domains={' '.join(domains)}",
        f"virtual_mailbox_maps=texthash:{folder}/pf/etc/boxes",
        f"virtual_transport=lmtp:inet:127.0.0.1:{base + 24}",
        f"transport_maps=texthash:{folder}/pf/etc/transport",
        "default_transport=error:5.1.2 loopback only",
        "smtpd_error_sleep_time=0",
        "queue_run_delay=5s",
        "minimal_backoff_time=5s",
        "maximal_backoff_time=10s",
        "maximal_queue_lifetime=60s",
        "delay_warning_time=5s",
    )
    return "\n".join(lines) + "\n"


def master_cf(base: int) -> str:
    """Return Postfix's master.cf: everything outside a chroot."""
    return f"127.0.0.1:{base + 25} inet n - n - - smtpd{_SERVICES}"
