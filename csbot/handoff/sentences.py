"""What the engine writes down of its work, in the language of who reads it.

Traces and failures are kept as English sentences: one record, whoever reads it. Here stand their forms, so that a
catalogue can carry them; what has no form here is shown as it was written.
"""

import re
from collections.abc import Mapping
from functools import cache

from django.utils import translation
from django.utils.translation import gettext_noop

GREATEST = 20  # sentences of one trace: nothing writes more

# Longer forms stand before the shorter ones that they contain.
FORMS = (
    gettext_noop("not understood ({n})"),
    gettext_noop("{flow}: no answer to {slot}"),
    gettext_noop("proof {n} of {of} did not match"),
    gettext_noop("guard: {fault}"),
    gettext_noop("Answered from *{title}* ({score}); next best *{second}* ({least})."),
    gettext_noop("Answered from *{title}* ({score})."),
    gettext_noop("*{title}* answers ({score}), but has no text in {language}: offered it."),
    gettext_noop("Not sure: asked whether *{title}* is meant ({score})."),
    gettext_noop("Not sure: offered the nearest topics {titles}."),
    gettext_noop("Nothing answers that: asked to put it differently, and offered a person."),
    gettext_noop("A file without words: asked what it is about."),
    gettext_noop("Nothing to read in the message."),
    gettext_noop("The ladder is at its end."),
    gettext_noop("The customer asked for a person."),
    gettext_noop("The customer is upset (sentiment {score}): apologised and offered a person."),
    gettext_noop("The customer is upset: apologised and offered a person."),
    gettext_noop("Upset {n} times."),
    gettext_noop("Took the offer of a person."),
    gettext_noop("Passed to the queue {queue}."),
    gettext_noop("Nobody is there to take it now: asked for an e-mail address."),
    gettext_noop("Nobody has come for a while: offered an answer by e-mail."),
    gettext_noop("Opened a ticket: people answer by e-mail."),
    gettext_noop("Waits for a person, who will read this."),
    gettext_noop("Waits for a person; nothing to add."),
    gettext_noop("Waits for a person."),
    gettext_noop("Goes on waiting."),
    gettext_noop("Asked again for a person, and is in the queue already."),
    gettext_noop("Greeted the customer."),
    gettext_noop("A person handed the conversation back."),
    gettext_noop("Silence: asked whether the customer is still there."),
    gettext_noop("Signs of danger: gave the emergency number and offered a person."),
    gettext_noop("Started the flow {flow} ({intent}, {score})."),
    gettext_noop("The flow {flow}: not understood, asked again ({n})."),
    gettext_noop("The flow {flow}: {n} tries did not help."),
    gettext_noop("The flow {flow}: {what}, asked again."),
    gettext_noop("The flow {flow}: wished for again, asked on."),
    gettext_noop("The flow {flow}: proof of who it is."),
    gettext_noop("The flow {flow}: not confirmed."),
    gettext_noop("The flow {flow}: confirmed."),
    gettext_noop("The flow {flow}: tried again."),
    gettext_noop("The flow {flow}: asked which one."),
    gettext_noop("The flow {flow}: took {slot}."),
    gettext_noop("The flow {flow}: said where to find {slot}."),
    gettext_noop("The flow {flow} was given up."),
    gettext_noop("The flow is done."),
    gettext_noop("The customer stopped the flow {flow}."),
    gettext_noop("Then went on with {flow}."),
    gettext_noop("Small talk: {key} ({score})."),
    gettext_noop("Said the question again."),
    gettext_noop("Said the last words again."),
    gettext_noop("Said what the bot can do."),
    gettext_noop("{flow}: {what}"),
)


def in_language(text: str, language: str, *, names: Mapping[str, str]) -> str:
    """`text` in `language`; `names` says what flows and slots are called there, by their keys."""
    if language == "en":
        return text
    said, rest = [], text.strip()
    for _sentence in range(GREATEST):
        if not rest:
            break
        found = _first(rest)
        if found is None:
            said.append(rest)
            break
        form, values, length = found
        with translation.override({"zh": "zh-hans"}.get(language, language)):
            words = translation.gettext(form)
        said.append(words.format(**{key: names.get(value, value) for key, value in values.items()}))
        rest = rest[length:].strip()
    return "".join(said) if language == "zh" else " ".join(said)


def _first(text: str) -> tuple[str, dict[str, str], int] | None:
    """The form that `text` begins with, what fills it, and how much of `text` it took."""
    for form, pattern in _patterns():
        found = pattern.match(text)
        if found:
            return form, found.groupdict(), found.end()
    return None


@cache
def _patterns() -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    return tuple((form, re.compile(_pattern(form))) for form in FORMS)


def _pattern(form: str) -> str:
    # Values are short and on one line. A form without a full stop is a failure's: it is all there is.
    parts = re.split(r"\{(\w+)\}", form)
    read = "".join(re.escape(part) if index % 2 == 0 else rf"(?P<{part}>.+?)" for index, part in enumerate(parts))
    return read if form.endswith(".") else f"{read}$"
