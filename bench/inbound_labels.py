"""Labels by eye and the split, made before tuning, for `inbound_accuracy`. Names of files and hashes only."""

import hashlib
import re
from email import message_from_bytes

# Collections under one name that hold many systems are split by sender and subject; the others by their name.
_MIXED = frozenset({"simple", "dsn", "bounce", "microsoft"})

NOT_NOTICES = frozenset({"groupwise_03", "qmail_08"})
"""In the notice data, but no notices: a person's mail and an automatic answer."""

DEAD = frozenset(
    [
        "dsn_18",
        "exim_01",
        "groupwise_01",
        "groupwise_02",
        "microsoft_02",
        "postfix_01",
        "simple_04",
        "simple_05",
        "simple_06",
        "simple_08",
        "simple_11",
        "simple_13",
        "simple_15",
        "simple_23",
        "simple_29",
        "simple_30",
        "simple_32",
        "simple_33",
        "simple_34",
        "simple_37",
        "simple_39",
        "simple_41",
        "simple_43",
        "yahoo_03",
        "yahoo_05",
        "yahoo_06",
        "yahoo_07",
        "yahoo_08",
        "yahoo_09",
        "yahoo_10",
        "yahoo_11",
        "yahoo_13",
        "yale_01",
        "bounce_02",
        "dsn_10",
        "dsn_12",
        "dsn_13",
        "dsn_14",
        "dsn_16",
        "microsoft_01",
        "microsoft_04",
        "qmail_03",
        "qmail_04",
        "qmail_05",
        "simple_12",
        "simple_19",
        "simple_25",
        "simple_26",
        "simple_27",
        "simple_36",
        "smtp32_04",
        "smtp32_06",
        "smtp32_07",
    ]
)
"""Notices that say the address or its domain does not exist or is closed."""

MACHINE_NOTICES = frozenset(
    """dc449ba377210e77d84647619e49c872 ed72bf2cd81ccd4c076533fb0af004e5 e06cf7fcfb3a512f43c827529c19a9e6
    b6a06b3e24130a32172b4c5225a1d5a6 86268e75abd1bd4bda4d6c129681df34 af5f3a2d3a0a19785aeaeeb3d7e36040""".split()  # noqa: SIM905
)
AWAY = frozenset(
    [
        "8b921d7940c5b2ac05892b648bd77231",
        "edda2c702247700524eb49178f57c34c",
        "b173a89a323f88ec8b8a4caef8ee6aaa",
        "92d3b0f5d2597eb916ec1862e1c96c44",
    ]
)


def half_of(raw: bytes) -> str:
    return "tuned" if hashlib.sha256(raw).digest()[0] & 1 else "held out"


def half_of_notice(name: str, raw: bytes) -> str:
    """All mails of one sending system lie in the same half."""
    system = name.split("_", maxsplit=1)[0]
    if system in _MIXED:
        message = message_from_bytes(raw)
        sender = re.sub(r"@.*", "", re.sub(r"[<>]", "", str(message.get("from", ""))).lower())
        subject = " ".join(re.findall(r"[a-z]+", str(message.get("subject", "")).lower())[:3])
        system = f"{system}|{sender.strip()}|{subject}"
    return "tuned" if hashlib.sha256(system.encode()).digest()[0] & 1 else "held out"
