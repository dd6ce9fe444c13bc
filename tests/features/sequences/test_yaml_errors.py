"""Sequence files with mistakes: every one is told at once, with its line and what to do (SEQ-46, SEQ-47)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.errors import DomainError
from segue.features.sequences.yaml_file import Problems, load_sequence

HEAD = "name: Intro\nsteps:\n"
MAIL = "  - email:\n      subject: Hello\n      body: Hello\n"


def problems(text):
    with pytest.raises(Problems) as refused:
        load_sequence(text, source="bad.yaml")
    return refused.value


def told(text):
    return [(item.line, item.message) for item in problems(text).items]


def only(text):
    (item,) = problems(text).items
    return item.line, item.message, item.hint


def test_every_mistake_is_told_at_once_with_its_line():
    text = """nme: x
settings:
  days: workdays
  windw: 09-10
  threaded: yes
steps:
  - email:
      subject: 12
      after: 2 days
  - call:
  - emial: {}
  - wait: 3 dys
    after: 1 day
  - wait: 0 days
  - email: {body: " "}
    call:
  - todo
  - finish:
"""
    assert told(text) == [
        (1, "`name` is missing."),
        (1, "There is no setting `nme` here."),
        (3, '`days` cannot be "workdays".'),
        (4, "There is no setting `windw` here."),
        (5, '`threaded` should be true or false, not "yes".'),
        (7, "Step 1: `body` is missing."),
        (8, "Step 1: `subject` should be a text, not 12."),
        (9, "Step 1: There is no setting `after` here."),
        (11, "Step 3: There is no setting `emial` here."),
        (12, 'Step 4: `wait` cannot be "3 dys".'),
        (13, "Step 4: A wait is its own delay and takes no `after`."),
        (14, "Step 5: This wait has no length."),
        (16, "Step 6: This step is email and call at once."),
        (17, "Step 7: This is not a step."),
    ]


def test_mistakes_of_meaning_are_told_with_those_of_form():
    text = HEAD + MAIL + "    after: 500 days\n  - call: {prio: high}\nsettings:\n  window: 17:00-09:00\n  zone: Europe/Berln\n"
    assert told(text) == [
        (6, "Step 1: The delay is not between 0 minutes and 365 days."),
        (7, "Step 2: There is no setting `prio` here."),
        (9, "The send window ends before it begins."),
        (10, '"Europe/Berln" is no time zone.'),
    ]


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        ("", 1, "empty", "name"),
        ("# only a remark\n", 1, "empty", "name"),
        ("- a\n", 1, "does not hold a sequence", "`name:`"),
        ("just words", 1, "does not hold a sequence", "`steps:`"),
        ("name: x\n\tsteps: []", 2, "not valid YAML", "spaces"),
        ('name: "x\nsteps: []\n', 3, "not valid YAML", "quote"),
        ("name: Re: your question\n", 1, "not valid YAML", "quotes"),
        (HEAD + "  - email:\n      subject: {{ contact.first_name }}\n", 4, "name of an entry", '"{{ contact.first_name }}"'),
        (HEAD + "  - email:\n      subject: {{ a }} b\n", 4, "", "quotes"),
        ("name: x\x00\n", 1, "no text (U+0000)", "Remove"),
        ("name: x\n\nsteps:\x07 []\n", 3, "no text (U+0007)", "Remove"),
        ("name: x\nname: y\nsteps:\n  - todo:\n", 2, "second time", "line 1"),
        (HEAD + "  - todo:\n---\nname: y\n", 4, "more than one", "file of its own"),
        ("name: &a x\nsteps:\n  - todo: {notes: *a}\n", 1, "Anchors", "quotes"),
        (HEAD + "  - todo: {notes: *a}\n", 3, "aliases", "quotes"),
        (HEAD + "  - todo: {notes: !!python/object:os.system x}\n", 3, "Tags", "quotes"),
        (HEAD, 2, "`steps` should be a list, not empty", "dash"),
        (HEAD + "  []\n", 2, "`steps` is empty", "dash"),
        (HEAD + "  - key: x\n", 3, "no type", "email"),
        (HEAD + "  - finish:\n", 2, "no steps", "email"),
        (HEAD + "  - todo:\n    key: Öl\n", 4, '`key` cannot be "Öl"', "lower-case"),
        (HEAD + "  - todo:\n    key: a\n  - call:\n    key: a\n", 6, 'Two steps have the key "a"', "step 1"),
        (HEAD + "  - todo:\n    after: 3\n", 4, "`after` should be a text, not 3", "quotes"),
        (HEAD + "  - todo: [a]\n", 3, "`todo` should be a group of settings, not a list", "settings"),
        (HEAD + "  - finish: {when: now}\n  - todo:\n", 3, "no setting `when`", "Remove"),
        (HEAD + "  - email:\n      body: Hello\n", 3, "no subject", "`subject`"),
        (HEAD + MAIL + "  - email:\n      body: More\n      thread: false\n", 6, "new thread", "`thread: true`"),
        ("name: x\nsettings:\n  away_hold: 40 days\nsteps:\n  - todo:\n", 3, "out-of-office", "30 days"),
        ("name: x\nsettings:\n  window: 09:00-25:00\nsteps:\n  - todo:\n", 3, '`window` cannot be "09:00-25:00"', "09:00-17:00"),
        ("name: x\nsettings:\n  window: 09:00-24:30\nsteps:\n  - todo:\n", 3, "within one day", "24:00"),
        ("name: x\nsettings:\n  task_time: 24:00\nsteps:\n  - todo:\n", 3, "no time of day", "23:59"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(text, line, says, hint):
    found_line, message, found_hint = only(text)
    assert found_line == line
    assert says in message
    assert hint in found_hint


def test_a_wrong_token_is_told_with_the_line_of_the_text_it_stands_in():
    text = HEAD + "  - email:\n      subject: Hello {{ contact.first_name }}\n      body: |\n        One\n\n        {{ sender.nmae }}\n"
    ((line, message, hint),) = [only(text)]
    assert (line, message) == (8, "Step 1: There is no token 'sender.nmae'.")
    assert hint.startswith("Did you mean sender.")


def test_a_token_left_open_is_told_in_quoted_texts_too():
    assert told(HEAD + '  - email:\n      body: Hello\n      subject: "Hello {{ contact.first_name"\n')[0][0] == 5


def test_tokens_that_may_come_out_wrong_are_warned_of_with_their_line():
    """SEQ-47. The sender's own values and the address are always there."""
    body = "      body: |\n        {{ contact.email }} {{ sender.full_name }}\n        {{ contact.company }}\n"
    body += "        {{ contact.frist_name | fallback('x') }}\n        {{ placeholder.reason }}\n        {{ contact.shoe_size | fallback('x') }}\n"
    loaded = load_sequence(HEAD + "  - email:\n      subject: Hello\n" + body, source="x.yaml")
    assert [(warning.line, warning.message.split()[2]) for warning in loaded.warnings] == [
        (7, "contact.company"),
        (8, "contact.frist_name"),
        (9, "placeholder.reason"),
    ]
    assert loaded.warnings[1].hint == "Did you mean contact.first_name?"


def test_a_key_taken_by_a_step_without_one_is_told():
    text = HEAD + "  - todo:\n    key: todo-2\n  - todo:\n"
    assert told(text) == [(5, 'Step 2: Two steps have the key "todo-2".')]


def test_the_message_for_people_names_the_file_and_counts():
    error = problems("name: x\nsteps:\n  - todo: {a: 1}\n")
    assert isinstance(error, DomainError)
    assert str(error).startswith("bad.yaml: 1 problem\n  line 3: Step 1: There is no setting `a` here. Possible here: subject,")
    assert error.hint


def test_a_file_of_nothing_but_mistakes_is_cut_in_the_message_and_whole_in_the_list():
    error = problems(HEAD + "  - todo: {a: 1}\n" * 200)
    assert len(error.items) == 200
    assert str(error).endswith("and 150 more")


def test_warnings_come_apart_and_with_their_lines():
    """SEQ-47: they do not refuse."""
    loaded = load_sequence("name: x\nsettings:\n  stop_on_email: none\nsteps:\n" + MAIL + MAIL.replace("Hello", "More"), source="x.yaml")
    assert [(warning.line, warning.severity) for warning in loaded.warnings] == [(3, "warning"), (8, "warning")]


@pytest.mark.parametrize(
    "attack",
    [
        "[" * 900_000,
        "- " * 400_000,
        "\n".join(" " * n + "a:" for n in range(1_300)),
        HEAD + "  - wait: 1 day\n" * 60_000,
        "a: &a [x,x]\n" + "".join(f"{c}: &{c} [*{b},*{b}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)),
        "name: " + "word " * 190_000,
        "a: 1\n" * 15_000,
        "\r" * 900_000,
        "? " * 400_000,
        "x" * 1_000_001,
        "ä" * 500_001,
        "after: " + "9" * 100_000,
        "\ud800",
    ],
    ids=lambda attack: f"{attack[:5]!r} x {len(attack)}",
)
@pytest.mark.timeout(5)  # all take under a second here; a bomb takes minutes or the memory
def test_a_bomb_is_refused_quickly(attack):
    assert problems(attack).items


@given(st.text(st.sampled_from("abc:- \n\t[]{}'\"|>&*!#%?,~019\\é"), max_size=200))
def test_any_text_is_a_sequence_or_told_what_is_wrong(text):
    lines = text.count("\n") + 1
    assert all(1 <= item.line <= lines + 1 and item.message for item in items_of(text))


def items_of(text):
    try:
        return load_sequence(text, source="any.yaml").warnings
    except Problems as refused:
        return refused.items
