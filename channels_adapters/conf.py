"""Typed settings of the channels, read at call time."""

from csbot.conf import Setting

WEBCHAT_TOKEN_SECONDS = Setting(
    "CSBOT_WEBCHAT_TOKEN_SECONDS", 900, int, "How long a web chat's socket token opens sockets and accepts files."
)
WEBCHAT_FILE_SECONDS = Setting(
    "CSBOT_WEBCHAT_FILE_SECONDS", 43_200, int, "How long a visitor's signed link to a file works; a reload renews it."
)
WEBCHAT_HELLO_SECONDS = Setting(
    "CSBOT_WEBCHAT_HELLO_SECONDS", 5.0, (int, float), "How long a new socket may take to say hello."
)
WEBCHAT_SEND_SECONDS = Setting(
    "CSBOT_WEBCHAT_SEND_SECONDS", 10.0, (int, float), "How long a socket may lag before it is closed, to resume later."
)
WEBCHAT_SOCKETS = Setting(
    "CSBOT_WEBCHAT_SOCKETS", 3, int, "Sockets one visitor may hold at once; one more closes the oldest."
)
ALL = [value for value in list(globals().values()) if isinstance(value, Setting)]
