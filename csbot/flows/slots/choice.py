"""One of a few named choices that the flow lists: `choices: [{value, title: {en, zh}, names: {en: […], zh: […]}}]`."""

from csbot.flows.definition import Slot
from csbot.flows.matching import Option, hints, mentions, option
from csbot.flows.slots.ordinals import place
from csbot.flows.slots.reading import Found, Question, Reading, Several
from csbot.messages import Expects


def choices(slot: Slot) -> tuple[Option, ...]:
    """The choices that the slot's own definition lists."""
    return tuple(option(entry) for entry in slot.config.get("choices", ()))


class Choice:
    """The value is the chosen option (`value` and `title`)."""

    name = "choice"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        options = question.options or choices(question.slot)
        named = {found.value: found for mention in mentions(text, options) for found in mention.options}
        if len(named) == 1:
            return Found(next(iter(named.values())).to_json(), whole=len(text) <= 24)
        if not question.asked:
            return None
        if named:
            return Several(tuple(named.values()))
        index = place(text, len(options))
        if index is not None:
            return Found(options[index].to_json(), whole=True)
        near = hints(text, options)
        return Found(near[0].to_json()) if len(near) == 1 else None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        shown = options or choices(slot)
        return Expects(
            type=self.name,
            slot=slot.name,
            choices=tuple(entry.value for entry in shown),
            phrases=tuple(name for entry in shown for name in entry.names),
        )
