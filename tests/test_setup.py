"""`make setup` looks first whether it can work, names what mends it when it cannot, and says how much it downloads."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("bash", "cat", "cksum", "cut", "awk", "grep", "dirname", "rm", "mkdir", "cp", "env")

# A Python that says what the test wants of it: too old, without venv, without a network …
PYTHON = """#!/usr/bin/env bash
case "$*" in
  --version) echo "Python ${SAYS:-3.11.7}";;
  *version_info*) [ -z "${OLD:-}" ];;
  *ensurepip*) [ -z "${NO_VENV:-}" ];;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;
  *--dry-run*) [ -z "${OFFLINE:-}" ] && echo '{}';;
  *json.load*) cat >/dev/null; echo "${TORCH:-2.13.0+cpu}";;
  *"pip install"*) [ -z "${BROKEN:-}" ] && echo "Successfully installed everything";;
  -) cat >/dev/null;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that is all of PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (programs / tool).symlink_to(found)
    write(programs / "python3.11", PYTHON)
    write(programs / "python3", PYTHON)
    write(programs / "df", "#!/usr/bin/env bash\necho header\necho x 9 9 ${FREE:-99999} 9 /\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def setup(machine: Path, what: str = "demo", **said: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": str(machine / "bin"), "CSBOT_VENV": str(machine / "venv"), "HOME": str(machine), **said}
    return subprocess.run(
        [str(machine / "bin" / "bash"), str(ROOT / "scripts" / "setup"), what],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("what", "said", "problem", "fix"),
    [
        (
            "demo",
            {"OLD": "1", "SAYS": "3.9.2"},
            "needs Python 3.11 or newer; found: Python 3.9.2",
            "apt install python3",
        ),
        ("demo", {"NO_VENV": "1"}, "has no venv module", "apt install python3-venv"),
        ("demo", {"FREE": "300"}, "700 MB are needed here, 300 MB are free", "CSBOT_VENV="),
        ("all", {"FREE": "5000", "TORCH": "2.13.0"}, "11000 MB are needed here", "CSBOT_VENV="),
        ("all", {"OFFLINE": "1"}, "The package index does not answer", "PIP_INDEX_URL"),
        ("demo", {"BROKEN": "1"}, "pip could not install requirements/demo.txt", "check the network"),
    ],
)
def test_what_is_missing_is_named_with_what_mends_it(
    machine: Path, what: str, said: dict[str, str], problem: str, fix: str
) -> None:
    done = setup(machine, what, **said)
    assert done.returncode == 1
    assert problem in done.stderr
    assert fix in done.stderr.split("Fix:")[1]


@pytest.mark.parametrize(
    ("what", "said", "download"),
    [
        ("demo", {}, "about 130 MB"),
        ("all", {}, "about 900 MB (torch 2.13.0+cpu, a CPU build, is at hand)"),
        ("all", {"TORCH": "2.13.0"}, "about 3.6 GB, 2.7 GB of it CUDA packages"),
    ],
)
def test_how_much_is_downloaded_is_said_before_it_is(
    machine: Path, what: str, said: dict[str, str], download: str
) -> None:
    done = setup(machine, what, **said)
    assert done.returncode == 0, done.stderr
    assert done.stdout.index(download) < done.stdout.index("Successfully installed")


def test_second_run_costs_nothing(machine: Path) -> None:
    setup(machine)
    assert setup(machine, OFFLINE="1", BROKEN="1", FREE="0").stdout == ""


def test_an_unknown_wish_is_answered_with_those_there_are(machine: Path) -> None:
    done = setup(machine, "everything")
    assert (done.returncode, done.stderr) == (2, "usage: scripts/setup demo|all\n")
    assert not os.path.exists(machine / "venv")
