"""One of the things in an order, by whatever the customer calls it: its name, part of it, its colour, its place."""

from csbot.dialogue.cues import has, normalised
from csbot.flows.definition import Slot
from csbot.flows.matching import Option, hints, mentions
from csbot.flows.slots.ordinals import place
from csbot.flows.slots.reading import Found, Question, Reading, Several, Wrong
from csbot.messages import Expects

ATTEMPT_WORDS = 5
ATTEMPT_CHARACTERS = 12


class ProductItem:
    """With `many`, the value is a list of options and "both" or 全部 is all of them.

    Reasons: `not_in_order` with {named}, `unknown_item`.
    """

    name = "product_item"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        many = question.slot.many
        options = question.options
        if many and options and has("everything", text, question.language):
            return Found([option.to_json() for option in options], whole=True)
        known = {option.value for option in options}
        others = tuple(option for option in question.others if option.value not in known)
        named: list[Option] = []
        foreign: list[Option] = []
        for mention in mentions(text, (*options, *others)):
            here = [option for option in mention.options if option.value in known]
            if len(here) > 1:
                return Several(tuple(here))
            (named if here else foreign).extend(here or mention.options[:1])
        if named:
            chosen = list({option.value: option for option in named}.values())
            if len(chosen) > 1 and not many:
                return Several(tuple(chosen))
            return self._found(chosen, many, text)
        if foreign:
            return Wrong("not_in_order", {"named": dict(foreign[0].title)})
        if not question.asked or not options:
            return None
        index = place(text, len(options))
        if index is not None:
            return self._found([options[index]], many, text)
        if len(options) == 1 and has("yes", text, question.language):
            return self._found([options[0]], many, text)
        near = hints(text, options)
        if len(near) == 1:
            return self._found(near, many, text)
        if near and len(near) < len(options):
            return Several(tuple(near))
        short = len(text.split()) < ATTEMPT_WORDS and len(text) <= ATTEMPT_CHARACTERS * 2
        return Wrong("unknown_item", {"named": text.strip()[:60]}) if short and not _is_talk(text, question) else None

    def _found(self, chosen: list[Option], many: bool, text: str) -> Found:
        value = [option.to_json() for option in chosen]
        return Found(value if many else value[0], whole=len(normalised(text).split()) <= 3 and len(text) <= 20)

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(
            type=self.name,
            slot=slot.name,
            choices=tuple(option.value for option in options),
            phrases=tuple(name for option in options for name in option.names),
        )


def _is_talk(text: str, question: Question) -> bool:
    return any(
        has(kind, text, question.language) for kind in ("question", "yes", "no", "wait", "forgot", "capabilities")
    )
