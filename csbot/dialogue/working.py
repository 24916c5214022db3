"""The typed Turn that the engine's stages pass along: the request, what was found so far, what will come of it."""

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from csbot.actions.registry import Call
from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.knowledge import BotKnowledge, IntentInfo
from csbot.dialogue.state import DialogueState
from csbot.dialogue.turn import Line, Stage, TurnRequest, TurnResult
from csbot.messages import Assurance, Happening
from csbot.nlu import intents
from csbot.nlu import language as languages
from csbot.nlu.pii import mask
from csbot.wordings import Words
from kb.retrieval.context import Context
from kb.search import Hit, search

if TYPE_CHECKING:
    from csbot.flows.matching import Option
    from csbot.flows.tracking import Tracked

HITS = 8
CLAUSES = 10
CLAUSE = re.compile(r"[.!?。！？；;，,\n]+")
SCRIPT = re.compile(r"[\u3400-\u9fff][\u3400-\u9fff\d\s]*|[^\u3400-\u9fff]+")


@dataclass(slots=True)
class Turn:
    """One turn under way. Stages fill it in order; `understanding` and `hits` are computed when first asked for."""

    request: TurnRequest
    state: DialogueState
    bot: BotKnowledge
    words: Words
    result: TurnResult
    language: str
    assurance: Assurance
    subject: str
    text: str = ""  # all the batch's lines, cleaned, one below the other
    choice: str = ""  # the value of the button that was pressed
    sealed: str = ""  # the reference of a secret answer
    signs: tuple[str, ...] = ()
    happening: Line | None = None
    attachments: int = 0
    sentiment: float | None = None
    question_heard: bool = True
    tracked: "Tracked | None" = None
    preface: list[Say] = field(default_factory=list)  # said before whatever is decided
    decision: Decision | None = None
    listed: dict[tuple[str, str], tuple["Option", ...]] = field(default_factory=dict)  # read once a turn
    _understanding: intents.Understanding | None = None
    _hits: list[Hit] | None = None

    @property
    def understanding(self) -> intents.Understanding:
        """The intents of the text; none of them for a button or a happening."""
        if self._understanding is None:
            started = time.perf_counter()
            found = self._classified() if self.text and not self.choice else intents.Understanding((), 1.0, "")
            self._understanding = found
            best = {score.key: round(score.confidence, 3) for score in found.intents[:3]}
            self.record("intents", {"best": best, "none": round(found.none, 3), "engine": found.engine}, started)
        return self._understanding

    def _classified(self) -> intents.Understanding:
        """The intents of the whole text; of the clause that says best what is wanted when a long one says it nowhere
        clearly ("Hi, so last week I bought … can I still send it back?", 我想return这件)."""
        whole = intents.classify(self.bot.pk, self.text, self.language)
        clauses = [clause for part in CLAUSE.split(self.text) if (clause := part.strip())]
        clauses += [piece for clause in clauses for part in _by_script(clause) if (piece := part.strip())]
        if len(clauses) < 2 or (whole.intents and whole.intents[0].confidence >= self.bot.threshold("flow")):
            return whole
        parts = [intents.classify(self.bot.pk, clause, self._language_of(clause)) for clause in clauses[:CLAUSES]]
        wishes = [
            part
            for part in parts
            if part.intents
            and self.bot.flow_of(part.intents[0].key)
            and part.intents[0].confidence >= self.bot.threshold("switch")
        ]
        return max(wishes, key=lambda part: part.intents[0].confidence, default=whole)

    def _language_of(self, clause: str) -> str:
        """The language of a clause, which in a mixed message need not be the message's."""
        return languages.detect(clause, expected=self.bot.languages or ("en",), previous=self.language).language

    def skip_understanding(self) -> None:
        """The message is a bare value: no classifier is asked."""
        self._understanding = intents.Understanding((), 1.0, "")

    @property
    def best_intent(self) -> tuple[str, float] | None:
        """The best intent and its confidence, if the text was classified at all."""
        found = self._understanding.intents[:1] if self._understanding else ()
        return (found[0].key, found[0].confidence) if found else None

    def intent(self, threshold: str = "intent") -> IntentInfo | None:
        """The best intent when it is sure enough, and is one that the bot still has."""
        best = self.understanding.intents[:1]
        if best and best[0].confidence >= self.bot.threshold(threshold):
            return self.bot.intents.get(best[0].key)
        return None

    def confidence(self, key: str) -> float:
        """How sure it is that the text expresses the intent `key`, from 0 to 1."""
        return next((score.confidence for score in self.understanding.intents if score.key == key), 0.0)

    @property
    def hits(self) -> list[Hit]:
        """What the knowledge base has on the text, best first, with what was talked about last taken into account."""
        if self._hits is None:
            from csbot.dialogue.followups import context

            started = time.perf_counter()
            self._hits = self.find(self.text, context(self)) if self.text else []
            self.record(
                "retrieve",
                {"hits": [f"{hit.title} ({hit.score:.2f})" for hit in self._hits[:3]]},
                started,
            )
        return self._hits

    def find(self, query: str, context: Context | None = None) -> list[Hit]:
        """A search in the bot's collections, at the audience this conversation has earned."""
        audience = "verified" if self.assurance is Assurance.VERIFIED else "public"
        return search(
            query, self.bot.collections, language=self.language, audience=audience, limit=HITS, context=context
        )

    def best_hit(self, threshold: str = "answer") -> Hit | None:
        """The hit that answers, when it is sure enough.

        The same words once more are no answer to another question: of an article that was just read out, the next
        best stands in where it is worth an offer.
        """
        if not self.hits or self.hits[0].score < self.bot.threshold(threshold):
            return None
        best, *others = self.hits[:2]
        last = self.state.last
        if others and best.article == last.get("article") and self.text[:200] != last.get("question"):
            return others[0] if others[0].score >= self.bot.threshold("offer") else best
        return best

    @property
    def decided(self) -> Decision:
        """The decision; the stages after `decide` rely on it."""
        if self.decision is None:
            raise RuntimeError("the stage decide has not run")
        return self.decision

    def record(self, name: str, finding: dict[str, Any], started: float) -> None:
        """One line of the trace. Findings arrive masked."""
        self.result.stages.append(Stage(name, finding, (time.perf_counter() - started) * 1000))

    @property
    def masked(self) -> str:
        """The text as it may be written into traces, gaps and logs."""
        return mask(self.text).text

    @property
    def happened(self) -> Happening | None:
        return self.happening.happening if self.happening else None

    @property
    def base_values(self) -> dict[str, Any]:
        """The variables that every wording may use."""
        return {
            "bot": self._named("bot.name", self.bot.name),
            "brand": self._named("brand.name", self.bot.brand_name),
            "name": self.request.contact_name.split(" ")[0],
        }

    def _named(self, key: str, otherwise: str) -> str:
        """A name as each language writes it, where a wording says so."""
        return self.words.say(key, language=self.language) if self.words.has(key) else otherwise

    def call(self) -> Call:
        """Who asks, for an action."""
        return Call(
            key="",
            conversation=self.request.conversation,
            brand=self.request.brand,
            language=self.language,
            assurance=self.assurance,
            subject=self.subject,
            email=self.request.email,
        )

    def verified(self, subject: str, email: str = "") -> None:
        """Raises the assurance, for the rest of this turn and for the conversation."""
        self.assurance = self.result.assurance = Assurance.VERIFIED
        if subject:
            self.subject = self.result.subject = self.state.subject = subject
        if email:
            self.result.verified_email = email


def _by_script(clause: str) -> list[str]:
    """The stretches of a clause that mixes Chinese and Latin script; none for a clause in one script."""
    pieces = SCRIPT.findall(clause)
    return pieces if len(pieces) > 1 else []
