"""Who meets a new conversation first: the inbox's mode, and in the mode "bot first" a share of traffic."""

from typing import Literal

from csbot.models import Inbox

Entry = Literal["bot", "people"]


def entry_mode(inbox: Inbox, random: int) -> Entry:
    """Who answers a new conversation first; `random` is drawn once for it, from 0 to 99.

    A closed inbox is answered by the bot, which says so.
    """
    if inbox.mode == Inbox.Mode.PEOPLE_FIRST:
        return "people"
    if inbox.mode == Inbox.Mode.BOT_FIRST and random >= inbox.bot_share:
        return "people"
    return "bot"
