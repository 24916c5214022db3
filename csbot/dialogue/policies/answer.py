"""The knowledge base answers."""

from csbot.dialogue import cues
from csbot.dialogue.decision import NO, YES, Decision, Say
from csbot.dialogue.flowing import answered
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.messages import Expects
from kb.search import search


def decide(turn: Turn) -> Decision | None:
    if turn.choice or not turn.text or cues.only_yes_or_no(turn.text, turn.language):
        return None
    info = turn.intent()
    if info is not None and info.article:
        hit = next((hit for hit in turn.hits if hit.key == info.article), None)
        if hit is not None:
            return answered(turn, hit, "answer", question=turn.text)
    if info is not None and info.wording and turn.confidence(info.key) >= turn.bot.threshold("switch"):
        return None
    hit = turn.best_hit()
    if hit is not None:
        return answered(turn, hit, "answer", question=turn.text)
    return _other_language(turn)


def _other_language(turn: Turn) -> Decision | None:
    """Something answers, but in another language only: say so, and offer it."""
    if turn.hits and turn.hits[0].score >= turn.bot.threshold("offer"):
        return None
    for language in turn.bot.languages:
        if language == turn.language:
            continue
        hits = search(turn.text, turn.bot.collections, language=language, limit=1)
        if hits and hits[0].score >= turn.bot.threshold("answer"):
            turn.state.pending = Pending("other_language", {"language": language, "question": turn.text})
            say = Say(
                "answer.other_language",
                {"title": hits[0].title, "language": turn.words.say(f"language.{language}", language=turn.language)},
                buttons=(YES, NO),
                expects=Expects(type="yes_no", choices=("yes", "no")),
            )
            sentence = (
                f"*{hits[0].title}* answers ({hits[0].score:.2f}), but has no text in {turn.language}: offered it."
            )
            return Decision("answer", sentence, [say])
    return None
