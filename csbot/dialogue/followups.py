"""Questions that lean on the answer before: "and who pays the postage?", 那邮费谁付?

A leaning question is searched twice, alone and together with what was just talked about; an article counts as the
better of the two, and one that shares its subject (tags) with the last answer counts a little more. The article that
was just read out does not come again for a question that only its subject matches.
"""

from csbot.dialogue import cues
from csbot.dialogue.working import Turn
from kb.search import Hit

SHORT_WORDS = 7
SHORT_HAN = 12
COMBINED = 0.9
KINDRED = 0.25


def leans(turn: Turn) -> bool:
    """Whether the text is to be read together with the last answer."""
    if not turn.state.last or len(turn.text) > 120:
        return False
    if cues.has("not_leaning", turn.text, turn.language):
        return False
    return cues.has("leaning", turn.text, turn.language) or _is_short(turn.text)


def _is_short(text: str) -> bool:
    han = sum("\u3400" <= character <= "\u9fff" for character in text)
    return han <= SHORT_HAN if han else len(text.split()) < SHORT_WORDS


def in_context(turn: Turn, hits: list[Hit]) -> list[Hit]:
    """`hits` of the text alone, re-ranked by what the conversation is about."""
    if not leans(turn):
        return hits
    last = turn.state.last
    together = turn.find(f"{last.get('title', '')} {last.get('question', '')} {turn.text}")
    found: dict[str, Hit] = {hit.article: hit for hit in hits}
    alone = {hit.article: hit.score for hit in hits}
    for hit in together:
        before = found.get(hit.article)
        score = hit.score * COMBINED
        if hit.article == last.get("article"):
            # The words of the last question find the last article again: that alone is no answer to this one.
            score = min(score, alone.get(hit.article, 0.0))
        if before is None or score > before.score:
            found[hit.article] = turn.scored(hit, score)
    tags = set(last.get("tags", ()))
    ranked = [
        turn.scored(hit, min(1.0, hit.score + KINDRED * hit.score * (1 - hit.score) * 2))
        if tags & set(hit.tags)
        else hit
        for hit in found.values()
    ]
    return sorted(ranked, key=lambda hit: -hit.score)
