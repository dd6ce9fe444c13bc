"""The judge of a soak. Imports nothing of Segue: it reads the server's log of acceptances and the committed rows, with SQL of its own.

What it promises to notice (reliability.md §2): a K accepted twice (S1); an enrollment that ended without all its mails, or a row that says
"sent" of what the server never took (S2); a row that moves no more (L1, L2); steps out of order or before their delay (S7).
"""

import itertools
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True)
class Taken:
    """One acceptance: real seconds."""

    key: str
    to: str
    at: float
    begun: float


@dataclass(slots=True)
class ServerLog:
    """What the server wrote down."""

    taken: list[Taken] = field(default_factory=list)
    data: list[tuple[float, str, str]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)
    delayed: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, path: str | Path) -> "ServerLog":
        log = cls()
        for line in Path(path).read_text().splitlines():
            row = json.loads(line)
            if "taken" in row:
                log.taken.append(Taken(row["taken"], row["to"], row["at"], row["begun"]))
            elif "data" in row:
                log.data.append((row["at"], row["to"], row["data"]))
            else:
                log.faults[row["fault"]] += 1
                if "_55" in row["fault"]:
                    log.refused.add(row["to"])
                elif "_45" in row["fault"]:
                    log.delayed.add(row["to"])
        return log


@dataclass(slots=True)
class Verdict:
    """Counts with their denominators, and the first few violations of each kind in words."""

    enrollments: int = 0
    steps: int = 0
    accepted: int = 0
    unknown: int = 0
    refused: int = 0
    given_up: int = 0
    """A 4xx two days after the first try ends a mail (SEQ-104): with a fast clock that is soon."""
    recovered: int = 0
    tried_again: int = 0
    sweeps: int = 0
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def count(self, kind: str) -> int:
        return len(self.wrong.get(kind, []))

    def __str__(self) -> str:
        wrongs = " · ".join(f"{self.count(kind)} {kind}" for kind in KINDS)
        return (
            f"{self.enrollments} enrollments, {self.steps} K planned, {self.accepted} accepted ({self.tried_again} after several tries, "
            f"{self.recovered} by evidence), {self.unknown} undecided on the way, {self.refused} refused for good, "
            f"{self.given_up} given up · {wrongs}"
        )


KINDS = ("duplicate", "lost", "stuck", "unproven", "disorder", "doubly told")


def judge(url: str, workspace: int, log: ServerLog, steps: tuple[str, ...], gap_s: float) -> Verdict:
    """Judge a soak at rest. `gap_s`: real seconds that must lie between two acceptances of one enrollment."""
    with psycopg.connect(url, row_factory=dict_row) as conn:
        tables = {
            name: conn.execute(f"SELECT * FROM {name} WHERE workspace_id = %s", (workspace,)).fetchall()
            for name in ("enrollments", "messages", "accepted", "mailbox_lanes")
        }
        told = conn.execute(
            "SELECT kind, message_id, count(*) AS n FROM events WHERE workspace_id = %s AND message_id IS NOT NULL GROUP BY 1, 2",
            (workspace,),
        ).fetchall()
    verdict = Verdict(enrollments=len(tables["enrollments"]), steps=len(tables["enrollments"]) * len(steps), accepted=len(log.taken))
    verdict.sweeps = sum(row["sweeps"] for row in tables["mailbox_lanes"])
    by_key: dict[str, list[Taken]] = defaultdict(list)
    for each in log.taken:
        by_key[each.key].append(each)
    _messages(verdict, tables["messages"], tables["accepted"], by_key)
    _enrollments(verdict, tables, by_key, (steps, gap_s, log))
    for row in told:
        if row["kind"] == "email_sent" and row["n"] > 1:
            verdict.wrong["doubly told"].append(f"message {row['message_id']} was told as sent {row['n']} times")
        verdict.unknown += row["n"] if row["kind"] == "email_undecided" else 0
    return verdict


def _messages(verdict: Verdict, messages: list[Any], accepted: list[Any], by_key: dict[str, list[Taken]]) -> None:
    known = {row["key"] for row in messages}
    stored = {row["message_id"] for row in accepted}
    for key, times in by_key.items():
        if len(times) > 1:
            verdict.wrong["duplicate"].append(f"{key} to {times[0].to} at {[t.at for t in times]}")
        if key not in known:
            verdict.wrong["unproven"].append(f"{key} was accepted and stands in no row")
    for row in messages:
        was_taken = row["key"] in by_key
        where = f"message {row['id']} ({row['step_key']} of {row['enrollment_id']}, {row['state']}, attempt {row['attempt']})"
        if row["state"] == "sent":
            verdict.tried_again += row["attempt"] > 1
            verdict.recovered += row["outcome"] in ("", "was_sent")
            if not was_taken:
                verdict.wrong["lost"].append(f"{where} never reached the server")
            if row["id"] not in stored:
                verdict.wrong["unproven"].append(f"{where} has no row in accepted")
        elif was_taken:
            verdict.wrong["unproven"].append(f"{where} was accepted by the server")
        if row["state"] in ("queued", "sending", "in_doubt", "unknown"):
            verdict.wrong["stuck"].append(where)
    if len({(r["enrollment_id"], r["step_key"], r["generation"]) for r in accepted}) != len(accepted):
        verdict.wrong["duplicate"].append("accepted holds a K twice")


def _enrollments(
    verdict: Verdict, tables: dict[str, Any], by_key: dict[str, list[Taken]], plan: tuple[tuple[str, ...], float, ServerLog]
) -> None:
    steps, gap_s, log = plan
    mails: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for row in tables["messages"]:
        mails[row["enrollment_id"]] += [(each.at, row["step_key"]) for each in by_key.get(row["key"], [])[:1]]
    for row in tables["enrollments"]:
        got = sorted(mails[row["id"]])
        where = f"enrollment {row['id']} ({row['state']} {row['reason']}, {row['waiting_for']}, position {row['position']})"
        if row["state"] == "active":
            verdict.wrong["stuck"].append(f"{where}, due {row['due_at']}")
        elif row["state"] != "finished" and row["address"] in log.refused:
            verdict.refused += 1
        elif row["state"] != "finished" and row["address"] in log.delayed:
            verdict.given_up += 1
        elif tuple(sorted({step for _, step in got})) != steps:
            verdict.wrong["lost"].append(f"{where} got {[step for _, step in got]}")
        if len({step for _, step in got}) != len(got):
            verdict.wrong["duplicate"].append(f"{where} got {[step for _, step in got]}")
        if [step for _, step in got] != sorted(step for _, step in got):
            verdict.wrong["disorder"].append(f"{where} got {[step for _, step in got]}")
        early = [b - a for (a, _), (b, _) in itertools.pairwise(got) if b - a < gap_s]
        if early:
            verdict.wrong["disorder"].append(f"{where}: {early[0]:.2f} s between two steps")
