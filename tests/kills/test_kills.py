"""S1, S2, L1, G1: real workers on a real PostgreSQL that syncs to disk, against a faulty server; killed, frozen, cut off, by seed."""

from pathlib import Path

import pytest

from kills.mayhem import Plan
from kills.server import CATALOGUE
from kills.soak import Report, Size, run_soak


def check(report: Report, plan: Plan, least: int) -> None:
    """Green only if nothing is wrong and all the damage was really done, under load to the end."""
    print(report)
    verdict, done = report.verdict, report.done
    assert not verdict.wrong, dict(verdict.wrong)
    assert [done[name] for name in ("kills", "freezes", "long_freezes", "cut_backends", "crashes")] == [
        plan.kills, plan.freezes, plan.long_freezes, plan.cut_backends, plan.crashes,
    ]  # fmt: skip
    assert not done["drained_before_the_end"], "the last kills met idle workers: give them more to send"
    assert done["died"] == 0, "a worker ended by itself"
    assert set(done["exit_codes"]) == {0}
    missing = [fault.name for fault in CATALOGUE if report.faults.get(fault.name, 0) < least]
    assert not missing, f"shown fewer than {least} times: {missing}"
    assert verdict.given_up <= verdict.enrollments // 200
    assert verdict.unknown >= least, "never undecided: nobody had to be asked"
    assert min(verdict.recovered, verdict.tried_again) >= 10 * least, "evidence decided too little"


@pytest.mark.kills
def test_500_kills_bring_no_mail_twice_lose_none_and_leave_none_behind(folder: Path):
    plan = Plan(seed=1)
    check(run_soak(folder, plan, Size()), plan, 2)


@pytest.mark.soak
def test_10_000_kills_and_300_freezes_bring_no_mail_twice_lose_none_and_leave_none_behind(folder: Path):
    plan = Plan(seed=2, kills=10_000, freezes=240, long_freezes=60, cut_backends=1_000, crashes=10, heal_s=600.0)
    check(run_soak(folder, plan, Size(enrollments=24_000, mailboxes=200)), plan, 40)


@pytest.mark.soak
def test_200_crashes_of_the_database_lose_nothing_and_it_is_soon_back(folder: Path):
    """G2: ready again p95 within 6 s."""
    plan = Plan(seed=3, kills=200, freezes=0, long_freezes=0, cut_backends=0, crashes=200, pace_s=0.5, heal_s=600.0)
    report = run_soak(folder, plan, Size(enrollments=10_000, mailboxes=200))
    check(report, plan, 10)
    ready = sorted(report.done["ready_s"])
    print(f"G2 ready again: p50 {ready[100]} s, p95 {ready[190]} s, worst {ready[-1]} s")
    assert ready[190] <= 6.0


@pytest.mark.kills
@pytest.mark.parametrize("mutant", ["lease only", "in_doubt not committed", "evidence too early", "absence taken as proof"])
def test_an_engine_without_one_of_its_promises_is_caught(folder: Path, mutant: str):
    plan = Plan(seed=4, kills=80, freezes=4, long_freezes=2, cut_backends=10, crashes=0, pace_s=0.1, heal_s=20.0)
    late_s = 15.0 if mutant == "evidence too early" else 1.5  # the whole engine would wait for both
    verdict = run_soak(folder, plan, Size(enrollments=500, mailboxes=60, fault_rate=0.3, late_s=late_s), mutant).verdict
    print(f"{mutant}: {verdict}")
    assert verdict.count("duplicate") > 0
