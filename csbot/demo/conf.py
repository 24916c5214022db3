"""Typed settings of the demo, read at call time."""

from csbot.conf import Setting

DEMO = Setting(
    "CSBOT_DEMO",
    False,
    bool,
    "Whether the start page signs anyone in as any of the demo's people. For `csbot_demo` to turn on, nobody else.",
)

ALL = [DEMO]
