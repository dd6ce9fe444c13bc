"""Time, chance and threads come in through `segue/ports.py` and the few files named here (D2, D12)."""

import pytest

from architecture.tree import called_names, imported_modules, python_files

PORTS = "src/segue/ports.py"
CLOCK_AND_DICE_MODULES = {"time", "random", "secrets", "uuid"}
CLOCK_AND_DICE_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.urandom", "uuid4", "uuid1", "uuid7"}
THREAD_MODULES = {"threading", "concurrent", "multiprocessing", "asyncio", "_thread"}

THREADS = {
    "src/segue/worker.py": "sender threads wait on the network side by side (D2)",
    "src/segue/providers/mail/watchdog.py": "cuts a socket from outside the call that waits on it (H6, MAIL-23)",
    "src/segue/providers/mail/fake_world.py": "one mail world is shared by the sender threads of a test",
    "src/segue/features/mail/sessions.py": "one connection to a mailbox is used by one thread at a time",
    "src/segue/features/mail/clock_watch.py": "one watch is asked by all sender threads",
    "src/segue/db/waking.py": "listens beside the work, and rings at most once a second",
    "src/segue/features/workspaces/passwords.py": "at most two passwords are hashed at once",
    "src/segue/http/limits.py": "requests of one caller come in several threads",
    "src/segue/http/background.py": "jobs are carried out beside the requests that ask for them",
    "src/segue/features/mail/telemetry.py": "opens and clicks are written many at a time beside the requests that bring them (G19)",
    "src/segue/features/hubspot/api.py": "at most four requests under a key hold a connection while they use a second",
    "src/segue/features/webhooks/lane.py": "receivers of webhooks are slow, and none may keep another or a mail waiting",
    "src/segue/providers/egress.py": "a name look-up knows no deadline of its own",
}
"""Files that may start or guard threads, and why. A new one needs a reason a reader would accept."""

FASTAPI_LAYERS = ("src/segue/http/", "src/segue/app.py", "src/segue/wiring.py")


def uses(modules, names):
    return {
        name: sorted({f"line {line}: {module}" for line, module in imported_modules(name) if module.split(".")[0] in modules})
        for name in names
    }


def test_no_clock_and_no_dice_outside_the_ports():
    strays = [
        f"{name}: {use}"
        for name, found in uses(CLOCK_AND_DICE_MODULES, python_files("src/")).items()
        for use in found
        if name != PORTS
    ]  # fmt: skip
    strays += [
        f"{name}: line {line}: {called}"
        for name in python_files("src/")
        for line, called in called_names(name)
        if called.removeprefix("datetime.") in CLOCK_AND_DICE_CALLS | {"now"} and called in CLOCK_AND_DICE_CALLS | {"datetime.datetime.now"}
        if name != PORTS
    ]
    assert not strays, "\n".join(strays)


def test_threads_stand_only_where_there_is_a_reason_for_them():
    threaded = {name for name, found in uses(THREAD_MODULES, python_files("src/")).items() if found}
    assert threaded - set(THREADS) - {PORTS} == set(), "give the file its reason in THREADS, or do without"
    assert set(THREADS) - threaded == set(), "these need no entry any more"


def test_fastapi_is_known_only_to_the_edge():
    knowing = [name for name, found in uses({"fastapi", "starlette"}, python_files("src/")).items() if found]
    assert [name for name in knowing if not name.startswith(FASTAPI_LAYERS) and not name.endswith(("/api.py", "_api.py"))] == []


@pytest.mark.parametrize(
    "forbidden", ["mock.patch", "monkeypatch.setattr", "time.sleep", "pytest.skip", "pytest.mark.skip", "pytest.mark.xfail"]
)
def test_tests_do_not_patch_sleep_or_skip(forbidden):
    strays = [
        f"{name}:{line}"
        for name in python_files("tests/")
        for line, called in called_names(name)
        if f"{called}.".startswith(f"{forbidden}.")
    ]
    assert not strays, "\n".join(strays)


def test_tests_import_no_mocks():
    strays = [
        f"{name}:{line}" for name in python_files("tests/") for line, module in imported_modules(name) if module.startswith("unittest.mock")
    ]
    assert not strays, "\n".join(strays)
