"""Stage 5, respond: the decision into words for this channel: chat form, spoken form, buttons, sources."""

from dataclasses import replace
from typing import Any

from csbot.dialogue.decision import Press, Say
from csbot.dialogue.working import Turn
from csbot.messages import Button, Expects, Outbound, Source

LAST_SENTENCE = Expects(type="text")


def respond(turn: Turn) -> dict[str, Any]:
    """Turns what was decided into `Outbound` messages. What asks something always says what it expects."""
    outbound: list[Outbound] = []
    for say in (*turn.preface, *turn.decided.says):
        message = put(turn, say)
        if say.joined and outbound:
            before = outbound.pop()
            message = replace(
                message,
                text=f"{before.text}\n\n{message.text}",
                spoken=f"{before.spoken or before.text} {message.spoken or message.text}",
                sources=before.sources + message.sources,
                buttons=before.buttons + tuple(button for button in message.buttons if button not in before.buttons),
            )
        outbound.append(message)
    for place, message in enumerate(outbound):
        last = place == len(outbound) - 1
        if not last:
            # Only the last message's buttons can be pressed: those before it go there.
            outbound[-1] = replace(outbound[-1], buttons=_merged(outbound[-1].buttons, message.buttons))
            outbound[place] = replace(message, buttons=(), expects=None)
    turn.result.replies = outbound
    return {"messages": len(outbound), "wordings": [say.key for say in turn.decided.says if say.key]}


def put(turn: Turn, say: Say) -> Outbound:
    """One message in words."""
    if say.again is not None:
        return replace(say.again, expects=say.again.expects or LAST_SENTENCE)
    buttons = tuple(_button(turn, press) for press in say.buttons)
    expects = say.expects or (Expects(type="choice", choices=tuple(b.value for b in buttons)) if buttons else None)
    if say.hit is not None:
        hit = say.hit
        return Outbound(
            text=hit.text,
            spoken=hit.spoken,
            language=hit.language,
            buttons=buttons,
            sources=(Source(hit.article, hit.title, round(hit.score, 3)),),
            expects=expects,
        )
    count = turn.state.said.get(say.key, 0)
    turn.state.said[say.key] = count + 1
    values = {**turn.base_values, **say.values}
    said = {
        form: turn.words.say(say.key, language=turn.language, form=form, turn=count, values=values)
        for form in ("chat", "spoken")
    }
    return Outbound(
        text=said["chat"],
        spoken=said["spoken"] if said["spoken"] != said["chat"] else "",
        language=turn.language,
        buttons=buttons,
        expects=expects,
    )


def _button(turn: Turn, press: Press) -> Button:
    title = press.title or turn.words.say(press.key, language=turn.language, values=turn.base_values)
    return Button(title, press.value)


def _merged(last: tuple[Button, ...], before: tuple[Button, ...]) -> tuple[Button, ...]:
    values = {button.value for button in last}
    return (*last, *(button for button in before if button.value not in values))
