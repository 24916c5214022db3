"""Personal data found and masked: before the first write what must never be stored, in traces and logs everything.

A number is masked because its check digits say what it is, never because it is long: order and parcel numbers stay.
Recognisers stand in `pii_numbers` (checked numbers) and `pii_contact` (how a person is reached and called).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from csbot.nlu import pii_contact, pii_numbers
from csbot.nlu.digits import plain
from csbot.nlu.pii_numbers import Found

READ_AT_MOST = 20_000
"""Characters. A longer text is refused before it comes here; what stands beyond is dropped by `mask`."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with what was found replaced by `[kind]`, and the kinds found, in order of first appearance."""

    text: str
    kinds: tuple[str, ...]


def never_store(text: str) -> Masked:
    """`text` without what may not even be written once.

    Payment cards (Luhn, issuer range and length; the last four digits are kept) and their security codes, Chinese
    identity numbers (GB 11643), IBANs (ISO 13616), US social security and taxpayer numbers, passport numbers and
    passwords that are named as such. Order numbers, telephone numbers and e-mail addresses stay. Masking what is
    masked changes nothing.
    """
    return _masked(text, pii_numbers.find(plain(text)))


def mask(text: str) -> Masked:
    """`text` without anything personal, for traces, gaps and logs.

    Beside what `never_store` masks: e-mail and postal addresses, telephone numbers, dates of birth, internet
    addresses, and names that a person says are theirs ("my name is", 我叫).
    """
    text = text[:READ_AT_MOST]
    first = never_store(text)
    second = _masked(first.text, pii_contact.find(plain(first.text)))
    return Masked(second.text, tuple(dict.fromkeys((*first.kinds, *second.kinds))))


def _masked(text: str, found: Iterable[Found]) -> Masked:
    pieces: list[str] = []
    kinds: list[str] = []
    done = 0
    # Of two that overlap the one that begins first and reaches further is what the person wrote.
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        if item.start < done:
            continue
        pieces += [text[done : item.start], item.shown]
        kinds.append(item.kind)
        done = item.end
    if not kinds:
        return Masked(text, ())
    return Masked("".join([*pieces, text[done:]]), tuple(dict.fromkeys(kinds)))
