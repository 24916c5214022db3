"""How long it takes to start and how much memory a web process holds."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, arguments, report
from benchmarks.site import demo_site
from benchmarks.turns import MINILM, warm

REPEATS = 3


def seconds_of(*command: str) -> float:
    """The best wall time of REPEATS runs: the others measure the disk's cache."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CSBOT_")}
    durations = []
    for _ in range(REPEATS):
        started = time.monotonic()
        subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        durations.append(time.monotonic() - started)
    return round(min(durations), 3)


def resident_mb(pid: int) -> float:
    """The resident set of a process, in megabytes (10⁶ bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) * 1024 / 1e6, 1)
    raise SystemExit(f"There is no process {pid}.")


def main() -> None:
    options = arguments(__doc__ or "")
    figures: dict[str, Any] = {
        "python_starts_s": seconds_of("-c", "pass"),
        "import_csbot_s": seconds_of("-c", "import csbot"),
        "manage_check_s": seconds_of("manage.py", "check"),
    }
    for name, embedder in (("web_process_lexical", ""), ("web_process_minilm", MINILM)):
        with demo_site(embedder=embedder) as site:
            idle = resident_mb(site.pid)
            warm(site.url)
            figures[f"{name}_mb"] = {"at_start": idle, "after_answering": resident_mb(site.pid)}
    report("size", figures, options)


if __name__ == "__main__":
    main()
