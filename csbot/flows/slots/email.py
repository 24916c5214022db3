"""An e-mail address, written or spelled ("ada at example dot org")."""

import re

from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.reading import Found, Question, Reading, Wrong
from csbot.messages import Expects
from csbot.nlu.digits import plain

ADDRESS = re.compile(r"[\w.+'-]+@(?:[\w-]+\.)+[\w-]{2,}")
SPOKEN_AT = re.compile(r"\s+(?:at|\(at\)|\[at\]|艾特)\s+|\s*@\s*", re.IGNORECASE)
SPOKEN_DOT = re.compile(r"\s+(?:dot|点)\s+|\s*\.\s*(?=\w+\s*$)", re.IGNORECASE)


class Email:
    """Reason: `not_an_email`."""

    name = "email"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        written = plain(text)
        found = ADDRESS.search(written) or ADDRESS.search(SPOKEN_DOT.sub(".", SPOKEN_AT.sub("@", written)))
        if found:
            address = found.group().strip(".'").lower()
            return Found(address, whole=len(written.strip()) - len(address) < 24)
        if question.asked and "@" in written:
            return Wrong("not_an_email")
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name, secret=slot.secret)
