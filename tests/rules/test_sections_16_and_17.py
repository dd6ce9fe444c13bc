"""sequences.md §16 and §17: the defaults of the specification against those of the code, and the ranges of what can be set."""

import inspect
from datetime import timedelta

import pytest

from domain.sequences import email, finish, sequence
from make import REP
from segue.domain.errors import Invalid
from segue.domain.limits import (
    FREE_GMAIL_PER_DAY,
    MAILS_PER_ADDRESS,
    SLOW_START,
    WARM_UP_FIRST,
    WARM_UP_SPACING,
    WARM_UP_STEP,
    MailboxLimits,
)
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import (
    AWAY_DAYS,
    COOL_OFF_DAYS,
    END_DELAY,
    MAX_DELAY,
    AwayHold,
    Criteria,
    MeetingRule,
    OpenTasks,
    Overlap,
    Scope,
    SequenceSettings,
    ZoneMode,
)
from segue.domain.sequence_rules import MANY_EMAILS, with_end
from segue.features.enrollments.abandoned import DEAD_DAYS
from segue.features.enrollments.admission import START_AHEAD, EnrollRequest, OverLimit
from segue.features.enrollments.settle import BACK_OFF, BACK_OFF_LATER, GIVE_UP
from segue.features.mail import breaker
from segue.features.mail.connect import NewMailbox
from segue.features.mail.hand_off import INBOX_FRESH
from segue.features.mail.limits_set import NewLimits, set_limits
from segue.features.mail.mail_rules import MailRules
from segue.features.workspaces.service import set_enrolling_limits, set_sending_rules

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
DEFAULT = SequenceSettings()
NEW = NewMailbox("a@b.test", "fake", "pw")
LIMITS = MailboxLimits()

DEFAULTS = {
    "SEQ-36 steps": (MANY_EMAILS, 15),
    "SEQ-44 delay": (MAX_DELAY, 365 * DAY),
    "SEQ-35 added end step": (END_DELAY, DAY),
    "SEQ-77 day rule and window": (DEFAULT.window, SendWindow(540, 1020, DayMode.BUSINESS_DAYS)),
    "SEQ-111 task creation, reminder": ((DEFAULT.task_creation_minute, DEFAULT.task_reminder_minute), (480, 540)),
    "SEQ-81 first email held": (DEFAULT.hold_first_email, False),
    "SEQ-84 best time": (DEFAULT.best_time, False),
    "SEQ-39 threaded follow-ups": (DEFAULT.threaded, True),
    "SEQ-62 start time ahead": (START_AHEAD, 90 * DAY),
    "SEQ-67 bulk pace": ((NEW.per_minute, LIMITS.per_minute), (3, 3)),
    "SEQ-87 free Gmail": (FREE_GMAIL_PER_DAY, 350),
    "SEQ-87 custom limit": ((NEW.per_day, LIMITS.per_day), (200, 200)),
    "SEQ-89 share for sequences": (LIMITS.sequence_share, 0.9),
    "SEQ-88 user limit": (LIMITS.user_per_day, 500),
    "SEQ-91 spacing, jitter": ((NEW.spacing, NEW.jitter, LIMITS.spacing, LIMITS.jitter), (20 * SECOND, 10 * SECOND) * 2),
    "SEQ-91 spacing in warm-up": (WARM_UP_SPACING, 60 * SECOND),
    "SEQ-92 warm-up": ((NEW.warm_up, WARM_UP_FIRST, WARM_UP_STEP), (True, 50, 10)),
    "SEQ-94 mails per address": (MAILS_PER_ADDRESS, 3),
    "SEQ-96 over limit, by automation": (inspect.signature(EnrollRequest).parameters["over_limit"].default, OverLimit.QUEUE),
    "SEQ-104 retry": ((BACK_OFF, BACK_OFF_LATER, GIVE_UP), ((30 * MINUTE, HOUR, 2 * HOUR), 4 * HOUR, 48 * HOUR)),
    "SEQ-105 mailbox dead": (DEAD_DAYS, 14),
    "SEQ-105 slow start": (len(SLOW_START) > 0, True),
    "SEQ-106 breaker": ((breaker.LEAST_BOUNCES, breaker.MAILBOX.percent, breaker.SEQUENCE.percent, breaker.MOST_COMPLAINTS), (3, 5, 8, 2)),
    "SEQ-101 mailbox read": (INBOX_FRESH, 2 * MINUTE),
    "SEQ-129 hold": ((DEFAULT.away_hold, DEFAULT.away_days, AWAY_DAYS), (AwayHold.UNTIL_RETURN, 5, range(1, 31))),
    "SEQ-141 overlap": (DEFAULT.overlap, Overlap.OFF),
    "SEQ-140 cool-off": ((DEFAULT.cool_off_days, COOL_OFF_DAYS), (0, range(366))),
    "SEQ-98 starts per day": (DEFAULT.max_starts_per_day, None),
    "SEQ-119 open tasks": (DEFAULT.on_end_open_tasks, OpenTasks.KEEP),
    "SEQ-70 zone": (DEFAULT.zone_mode, ZoneMode.SENDER),
    "SEQ-82 the contact's holidays": (DEFAULT.contact_holidays, False),
    # §17, where the seed and HubSpot differ
    "SEQ-159 bookings": (DEFAULT.meeting_rule, MeetingRule.SEED),
    "SEQ-149 a reply from another address": (DEFAULT.reply_from_any_address, True),
    "SEQ-152 alias mail on the timeline": (MailRules().log_alias_mail, False),
    "SEQ-150 mail to other users": (MailRules().unrelated_any_user, False),
    "SEQ-93 mail by hand counts": (MailRules().count_by_hand, True),
    "SEQ-156 opt-out words": (MailRules().opt_out_words, True),
    "SEQ-43 reply switch": ((DEFAULT.stop_on_email, DEFAULT.stop_on_meeting), (Criteria.ALL, Criteria.ALL)),
    "SEQ-158 colleagues": ((DEFAULT.email_scope, DEFAULT.meeting_scope), (Scope.LEAD_BASED, Scope.LEAD_BASED)),
    "SEQ-172 exit rules": (DEFAULT.exit_rules, ()),
}


@pytest.mark.parametrize("what", DEFAULTS)
def test_a_default_is_that_of_the_specification(what):
    real, specified = DEFAULTS[what]
    assert real == specified


def test_a_sequence_without_an_end_gets_the_default_one():
    assert with_end(sequence(email())).steps[-1].delay == DAY
    kept = sequence(email(), finish(delay=3 * DAY))
    assert with_end(kept) == kept


def test_a_new_workspace_has_the_defaults_and_no_setting(small):
    [row] = small.sql("SELECT settings FROM workspaces WHERE workspace_id = %(ws)s")
    assert row["settings"] == {}
    [user] = small.sql("SELECT per_day FROM users WHERE workspace_id = %(ws)s")
    [box] = small.sql(
        "SELECT per_day, sequence_share, per_minute, warm_up FROM mailboxes WHERE workspace_id = %(ws)s AND address = %(a)s", {"a": REP}
    )
    assert (user["per_day"], tuple(box.values())) == (500, (200, 90, 3, True))


RANGES = {
    "mailbox_dead_days": (set_sending_rules, 1, 60),
    "address_per_day": (set_sending_rules, 1, 50),
    "cool_off_days": (set_enrolling_limits, 0, 365),
    "company_limit": (set_enrolling_limits, 0, 1_000),
    "overlap_limit": (set_enrolling_limits, 1, 5),
    "per_day": (set_limits, 1, 10_000),
    "sequence_share": (set_limits, 50, 100),
    "per_minute": (set_limits, 1, 60),
    "spacing": (set_limits, timedelta(0), 600 * SECOND),
    "jitter": (set_limits, timedelta(0), 120 * SECOND),
}


def test_what_lies_outside_its_range_is_refused_whoever_sets_it(small):
    """The defect: only the command line looked, and whatever else sets a number would have stored it."""

    def change(name, value):
        setter = RANGES[name][0]
        with small.db.tx(small.workspace_id) as tx:
            if setter is set_limits:
                set_limits(tx, small.mailbox_id, NewLimits(**{name: value}))
            else:
                setter(tx, **{name: value})

    for name, (_, least, most) in RANGES.items():
        one = SECOND if isinstance(most, timedelta) else 1
        for value in (least - one, most + one):
            with pytest.raises(Invalid):
                change(name, value)
        for value in (least, most):
            change(name, value)


def test_there_is_no_other_answer_to_the_loss_of_a_creator(small):
    with small.db.tx(small.workspace_id) as tx:
        set_enrolling_limits(tx, on_creator_loss="ARCHIVE")
        with pytest.raises(Invalid):
            set_enrolling_limits(tx, on_creator_loss="KEEP")
