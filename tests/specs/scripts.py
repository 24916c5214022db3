"""Conversations told as conversations, and held against the bot.

`> ` begins what the customer says. The lines below it are what the answer holds, in any order: words of its text, `! `
words that it does not have, `[ ]` the title of a button, `· ` a status that the conversation takes.
"""

from csbot.testing import Chat, Reply


def hold(chat: Chat, script: str) -> Reply:
    """Holds the conversation line by line; the last answer. Fails at the first line that is not as it is told."""
    reply: Reply | None = None
    so_far: list[str] = []
    for line in filter(None, (line.strip() for line in script.splitlines())):
        if line.startswith("> "):
            reply = chat.say(line.removeprefix("> "))
            so_far += [
                line,
                reply.text,
                f"{reply.buttons} {reply.statuses}",
                reply.trace.summary if reply.trace else "",
            ]
            continue
        assert reply is not None, f"a script begins with what the customer says, not with {line!r}"
        told = "\n".join(so_far)
        if line.startswith("! "):
            assert line.removeprefix("! ") not in reply.text, f"{line!r} in:\n{told}"
        elif line.startswith("· "):
            assert line.removeprefix("· ") in reply.statuses, f"{line!r} not in:\n{told}"
        elif line.startswith("["):
            assert line.strip("[] ") in reply.buttons, f"{line!r} not in:\n{told}"
        else:
            assert line in reply.text, f"{line!r} not in:\n{told}"
    assert reply is not None, "an empty script"
    return reply
