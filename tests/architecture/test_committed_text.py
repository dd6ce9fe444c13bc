"""What is committed speaks of the product alone: no machine's paths, no registry's host, nothing left for later."""

import re
import stat

import pytest

from architecture.tree import ROOT, all_files

# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(
    r"(^|[^A-Za-z0-9_.])/(" + "|".join(["wor" + "k", "far" + "m", "roo" + "t", "hom" + "e/[a-z]", "User" + "s/[a-z]"]) + r")(/|\b)",
    re.MULTILINE,
)
REGISTRIES = re.compile(
    "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "deb\\." + r"debian\.org", "yarn" + r"pkg\.com"])
)
LEFT_FOR_LATER = re.compile(r"(#|//|/\*).*\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b|NotImplemented" + "Error")
CODE = (".py", ".ts", ".tsx", ".sh", ".css")
LICENSES = ("LICENSE", "docs/licenses/")


def texts():
    for name in all_files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8000] and not name.startswith(LICENSES):
            yield name, content.decode("utf-8")


def found(pattern, names=lambda _: True):
    return [f"{name}: {match.group(0).strip()}" for name, text in texts() if names(name) for match in pattern.finditer(text)]


def test_no_text_names_a_path_of_somebodys_machine():
    strays = found(MACHINE_PATHS)
    assert not strays, "\n".join(strays)


def test_no_text_names_the_host_of_a_registry():
    strays = found(REGISTRIES)
    assert not strays, "\n".join(strays)


def test_nothing_is_left_for_later():
    strays = found(LEFT_FOR_LATER, lambda name: name.endswith(CODE))
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_pin_by_hash_and_name_no_host(lock):
    text = (ROOT / lock).read_text()
    pins = re.split(r"\n(?=\S)", text.strip())
    assert [pin.splitlines()[0] for pin in pins if not pin.startswith("#") and "--hash=sha256:" not in pin] == []
    assert "://" not in text


@pytest.mark.parametrize("command", ["segue", "check", ".ci/run"])
def test_the_commands_can_be_run(command):
    assert (ROOT / command).stat().st_mode & stat.S_IXUSR
