"""What a figure was measured on, and how figures are printed."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system and Python, as this process sees them."""
    info = Path("/proc/cpuinfo")
    model = ""
    if info.exists():
        model = next(
            (line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")),
            "",
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": model or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, p95 and p99 of durations given in seconds, in milliseconds."""
    if len(seconds) < 2:
        raise SystemExit(f"Only {len(seconds)} durations were measured; nothing can be said of them.")
    cuts = quantiles(sorted(seconds), n=100, method="inclusive")
    return {
        "n": len(seconds),
        "median_ms": round(cuts[49] * 1000, 2),
        "p95_ms": round(cuts[94] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
        "max_ms": round(max(seconds) * 1000, 2),
    }


def options_of(about: str) -> argparse.ArgumentParser:
    """What every benchmark takes: `--short` (to see that it runs) and `--out` (where the JSON goes, beside standard
    output)."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a fraction of the time: shows that it runs, not how fast")
    parser.add_argument("--out", type=Path, help="write the JSON to this file too")
    return parser


def arguments(about: str) -> argparse.Namespace:
    """The options that every benchmark takes, as given."""
    return options_of(about).parse_args()


def report(name: str, figures: Mapping[str, Any], options: argparse.Namespace) -> None:
    """Prints the figures, with the machine and the moment, and keeps them in `--out`."""
    whole = {
        "benchmark": name,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "short": options.short,
        "machine": machine(),
        **figures,
    }
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    sys.stdout.write(text + "\n")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n", encoding="utf-8")
