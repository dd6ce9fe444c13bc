"""Settings come from the environment, and a mistyped one is never silently ignored (reliability.md §10)."""

from pathlib import Path

import pytest

from segue.domain.errors import Invalid
from segue.settings import Settings, read_settings


def test_the_defaults_need_nothing(tmp_path):
    settings = read_settings({"XDG_DATA_HOME": str(tmp_path), "HOME": "/nowhere", "PATH": "/bin"})
    assert settings.data_dir in (Path("/var/lib/segue"), tmp_path / "segue")
    assert (settings.database_url, settings.secret_key, settings.public_url, settings.log_format) == ("", "", "", "text")


def test_an_unknown_variable_is_an_error_that_names_the_nearest():
    with pytest.raises(Invalid, match="no setting SEGUE_DATADIR") as error:
        read_settings({"SEGUE_DATADIR": "/data"})
    assert error.value.hint == "The nearest one is SEGUE_DATA_DIR."
    assert error.value.field == "SEGUE_DATADIR"


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("SEGUE_DATA_DIR", "data", "Give a path from /."),
        ("SEGUE_PUBLIC_URL", "segue.example", "It begins with https://"),
        ("SEGUE_LOG_FORMAT", "xml", "It is text or json."),
        ("DATABASE_URL", "mysql://db.test/segue", "postgresql://"),
    ],
)
def test_a_bad_value_is_an_error_that_says_what_a_good_one_is(variable, value, hint):
    with pytest.raises(Invalid) as error:
        read_settings({variable: value})
    assert error.value.field == variable
    assert error.value.hint.startswith(hint)


def test_every_setting_can_come_from_a_file(tmp_path):
    key = tmp_path / "key"
    key.write_text("a long secret\n")
    assert read_settings({"SEGUE_SECRET_KEY_FILE": str(key)}).secret_key == "a long secret"


def test_a_setting_given_twice_or_in_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(Invalid, match="both set"):
        read_settings({"DATABASE_URL": "postgresql:///a", "DATABASE_URL_FILE": str(tmp_path / "url")})
    with pytest.raises(Invalid, match="cannot be read"):
        read_settings({"DATABASE_URL_FILE": str(tmp_path / "url")})


def test_secrets_are_masked_when_the_settings_are_shown():
    shown = Settings(data_dir=Path("/data"), database_url="postgresql://u:pw@db.test/s", secret_key="k").shown()
    assert shown == {
        "SEGUE_DATA_DIR": "/data",
        "DATABASE_URL": "********",
        "SEGUE_SECRET_KEY": "********",
        "SEGUE_SECRET_KEY_BEFORE": "",
        "SEGUE_INSTANCE": "",
        "SEGUE_PUBLIC_URL": "",
        "SEGUE_LOG_FORMAT": "text",
        "SEGUE_ALLOWED_HOSTS": "",
        "SEGUE_NAME_SERVERS": "",
        "SEGUE_TRUSTED_PROXIES": "127.0.0.1,::1",
        "SEGUE_DEBUG": "",
    }


def test_secrets_do_not_stand_in_the_text_of_the_settings():
    text = repr(Settings(data_dir=Path("/data"), database_url="postgresql://u:pw@db.test/s", secret_key="key-1"))
    assert "pw" not in text
    assert "key-1" not in text


def test_a_public_address_loses_the_slash_at_its_end():
    assert read_settings({"SEGUE_PUBLIC_URL": "https://segue.example/"}).public_url == "https://segue.example"
