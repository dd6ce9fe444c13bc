"""What ships in `examples/` is right: the first thing that anybody tries."""

from pathlib import Path

from ruamel.yaml import YAML

from segue.features.mail.connect import NewMailbox
from segue.features.sequences import schema
from segue.features.sequences.yaml_file import load_sequence
from segue.providers.mail.base import MailboxConfig
from segue.providers.mail.smtp_imap import read_settings

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_example_sequence_is_right_and_nothing_is_to_be_said_about_it():
    loaded = load_sequence((EXAMPLES / "sequence.yaml").read_text(encoding="utf-8"), source="sequence.yaml")
    assert loaded.warnings == ()
    assert [step.type for step in loaded.sequence.steps] == ["email", "linkedin_connect", "email", "call", "email", "finish"]


def test_every_ready_made_sequence_is_right_and_nothing_is_to_be_said_about_it():
    ready = [path for path in EXAMPLES.glob("*.yaml") if "steps:" in path.read_text(encoding="utf-8")]
    assert len(ready) > 1
    for path in ready:
        assert load_sequence(path.read_text(encoding="utf-8"), source=path.name).warnings == (), path.name


def test_the_example_in_the_guide_is_right():
    guide = (EXAMPLES.parent / "docs" / "howto" / "sequence-file.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    assert load_sequence(example, source="guide").warnings == ()


def test_the_guide_names_every_step_and_setting():
    guide = (EXAMPLES.parent / "docs" / "howto" / "sequence-file.md").read_text(encoding="utf-8")
    for name in (*schema.SEQUENCE["properties"], *schema.STEP["properties"], *schema.SETTINGS["properties"]):
        assert f"`{name}`" in guide, name


def test_the_example_mailbox_can_be_connected():
    given = YAML(typ="safe", pure=True).load((EXAMPLES / "mailbox.yaml").read_text(encoding="utf-8"))
    new = NewMailbox(**given, secret="made up")
    assert read_settings(MailboxConfig(new.address, new.provider, new.settings, new.secret)).imap is not None
