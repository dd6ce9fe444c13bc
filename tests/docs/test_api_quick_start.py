"""The quick start of the README from a program is run as it stands there: its curl commands, then its Python example."""

import os
import re
import shlex
import subprocess
import sys

import httpx2
import pytest

from api.conftest import close_api, make_api
from architecture.tree import ROOT
from pages.serving import served

SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("## From a program\n")[2].partition("\n## ")[0]
FENCE = r"^```{}\n(.*?)^```"


@pytest.fixture
def api(db_urls, tmp_path):
    made = make_api(db_urls.app_url, tmp_path)
    yield made
    close_api(made)


def blocks(language):
    return re.findall(FENCE.format(language), SECTION, re.MULTILINE | re.DOTALL)


def run_curl(line, environment):
    """Send what a curl command would: not every machine has curl."""
    words = iter(shlex.split(re.sub(r"\$(\w+)", lambda name: environment[name.group(1)], line))[1:])
    request = {"method": "GET", "headers": {}}
    for word in words:
        match word:
            case "-X":
                request["method"] = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                request["headers"][name] = value
            case "-d":
                request["content"] = next(words)
            case _:
                request["url"] = word
    with httpx2.Client(trust_env=False, timeout=60) as client:
        return client.request(**request)


def test_the_quick_start_does_what_it_says(api):
    with served(api.client.app) as address:
        environment = os.environ | {"SEGUE_URL": address, "SEGUE_KEY": api.key}
        lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("curl ")]
        assert [run_curl(line, environment).status_code for line in lines] == [200, 201]
        assert [run_curl(line, environment).status_code for line in lines] == [200, 201], "again is as good as once"
        [example] = blocks("python")
        ran = subprocess.run([sys.executable, "-c", example], env=environment, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "1 enrolled"
    assert "amelia.hart@brightwater.example Hello Amelia" in ran.stdout
    assert [each["address"] for each in api.get("/enrollments")["items"]] == ["amelia.hart@brightwater.example"]
