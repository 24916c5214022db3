"""An engine that answers by the book, so that a test of the chat sees exactly what it asked for.

What the real engine says is tested in `tests/specs/`; here only how it travels and how it looks.
"""

import time

from csbot.dialogue.turn import HandoffRequest, TurnRequest, TurnResult
from csbot.messages import Button, Happening, Outbound, Source

PERSON = "person"
NASTY = '<img src=x onerror="window.xss=1"><script>window.xss=1</script>'


def respond(request: TurnRequest) -> TurnResult:
    """`CSBOT_ENGINE` of these tests: the reply that the last line of the batch asks for."""
    result = TurnResult(language=request.language)
    for line in request.batch:
        if line.happening is Happening.OPENED:
            result.replies.append(Outbound(text=greeting(request.language), buttons=choices()))
        elif line.sender == "customer":
            answer(line.text, line.choice, request, result)
    return result


def greeting(language: str) -> str:
    return "您好！请问有什么可以帮您？" if language == "zh" else "Hello! How can I help?"


def choices() -> tuple[Button, ...]:
    return (Button("Return an item", "return"), Button("Track my order", "track"))


def answer(text: str, choice: str, request: TurnRequest, result: TurnResult) -> None:
    if choice == PERSON:
        result.handoff = HandoffRequest(reason="request", detail="Asked for a person.")
    elif choice:
        result.replies.append(Outbound(text=f"You chose {choice}."))
    elif text == "policy":
        source = Source("7f4b1a52-3a9c-4f0e-9a57-0b8c3d1f2e4d", "Returns", 0.87)
        body = "You have **30 days**.\n\n- unworn\n- with receipt\n\nSee [returns](https://shop.example/returns)."
        result.replies.append(Outbound(text=body, sources=(source,)))
    elif text == "nasty":
        buttons = (Button(NASTY, "ok"),)
        links = f"{NASTY} [x](javascript:window.xss=1) [y](data:text/html,1) **{NASTY}**"
        result.replies.append(Outbound(text=links, buttons=buttons, sources=(Source("1", NASTY, 1.0),)))
    elif text == "draft":
        for index, sentence in enumerate(("One moment.", "Here it comes.")):
            request.show(index, sentence)
            time.sleep(0.3)
        result.replies.append(Outbound(text="One moment. Here it comes. Done."))
    elif text == "close":
        result.replies.append(Outbound(text="Goodbye."))
        result.close = True
    elif text:
        result.replies.append(Outbound(text=f"You said: {text}"))
