"""What the operator decides: environment variables, each also as `NAME_FILE` (the value is read from that file).

An unknown `SEGUE_*` variable is an error that names the nearest known one: a mistyped limit must not be silently ignored.
"""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from segue.domain.errors import Invalid

_VARIABLES = {
    "DATABASE_URL": "database_url",
    "SEGUE_DATA_DIR": "data_dir",
    "SEGUE_SECRET_KEY": "secret_key",
    "SEGUE_SECRET_KEY_BEFORE": "secret_key_before",
    "SEGUE_INSTANCE": "instance",
    "SEGUE_PUBLIC_URL": "public_url",
    "SEGUE_TRUSTED_PROXIES": "trusted_proxies",
    "SEGUE_LOG_FORMAT": "log_format",
    "SEGUE_ALLOWED_HOSTS": "allowed_hosts",
    "SEGUE_NAME_SERVERS": "name_servers",
    "SEGUE_DEBUG": "debug",
}
_SECRET = {"database_url", "secret_key", "secret_key_before"}
_LOG_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective configuration."""

    data_dir: Path
    """Where Segue keeps what it must not lose: the embedded database and, if none is given, the key."""
    database_url: str = field(default="", repr=False)
    """An external PostgreSQL 15 or newer; empty means the embedded one."""
    secret_key: str = field(default="", repr=False)
    """Seals mailbox passwords and tokens; empty means a key that is made once in the data folder."""
    secret_key_before: str = field(default="", repr=False)
    """The secret key of before, until `segue keys rotate` has sealed everything anew."""
    instance: str = ""
    """Name of this installation, where no data folder keeps one (S26): all machines of an installation have the same."""
    public_url: str = ""
    """How contacts reach this Segue (unsubscribe, tracking), without a slash at the end; empty where they cannot."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Web servers in front of `segue api` whose X-Forwarded-For is believed, by commas."""
    log_format: str = "text"
    """`text` for people, `json` for machines."""
    allowed_hosts: str = ""
    """Private mail servers that may be connected to, by commas: `mail.corp.example, 10.1.2.0/24`; `:*` behind one: any port (X4)."""
    name_servers: str = ""
    """Name servers to ask about sending domains, by commas: `9.9.9.9, 127.0.0.1:5353`; empty means the system's."""
    debug: str = ""
    """Anything but empty: errors show where in the program they came from."""

    def shown(self) -> dict[str, str]:
        """Return the settings by variable name, secrets masked, for `config check`."""
        by_field = {name: variable for variable, name in _VARIABLES.items()}
        return {
            by_field[item.name]: "********" if item.name in _SECRET and getattr(self, item.name) else str(getattr(self, item.name))
            for item in fields(self)
        }


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises Invalid (with the variable as `field`) for an unknown name, a bad value or an unreadable file."""
    _refuse_unknown(environment)
    given = {name: value for variable, name in _VARIABLES.items() if (value := _value(environment, variable))}
    if given.get("log_format", "text") not in _LOG_FORMATS:
        raise Invalid(f"SEGUE_LOG_FORMAT is {given['log_format']!r}.", hint="It is text or json.", field="SEGUE_LOG_FORMAT")
    if "database_url" in given:
        given["database_url"] = _checked_database(given["database_url"])
    data_dir = Path(given.pop("data_dir", "") or default_data_dir(environment))
    if not data_dir.is_absolute():
        raise Invalid(
            f"SEGUE_DATA_DIR is {str(data_dir)!r}, which depends on where Segue is started.",
            hint="Give a path from /.",
            field="SEGUE_DATA_DIR",
        )
    if "public_url" in given:
        given["public_url"] = _checked_url(given["public_url"])
    return Settings(data_dir=data_dir, **given)


def default_data_dir(environment: Mapping[str, str]) -> Path:
    """Return the state folder: the system's for root, else the person's own (XDG)."""
    if os.geteuid() == 0:
        return Path("/var/lib/segue")
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "segue"


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = [name + form for name in _VARIABLES for form in ("", "_FILE")]
    for name in sorted(environment):
        if name.startswith("SEGUE_") and name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.0)[0]
            raise Invalid(f"There is no setting {name}.", hint=f"The nearest one is {near}.", field=name)


def _value(environment: Mapping[str, str], variable: str) -> str:
    direct, file = environment.get(variable, ""), environment.get(f"{variable}_FILE", "")
    if direct and file:
        raise Invalid(f"{variable} and {variable}_FILE are both set.", hint="Keep one of them.", field=variable)
    if not file:
        return direct
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Invalid(f"{variable}_FILE cannot be read: {error.strerror}.", hint=f"Look at {file}.", field=f"{variable}_FILE") from error


def _checked_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise Invalid(f"SEGUE_PUBLIC_URL is {url!r}.", hint="It begins with https:// (or http:// for a trial).", field="SEGUE_PUBLIC_URL")
    return url.rstrip("/")


def _checked_database(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres") or not rest:  # the value itself is a secret and is not repeated
        raise Invalid(
            "DATABASE_URL is not the address of a PostgreSQL.", hint="postgresql://user:password@host/database", field="DATABASE_URL"
        )
    return f"postgresql://{rest}"
