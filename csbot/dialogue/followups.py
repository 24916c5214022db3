"""Questions that lean on the answer before: "and who pays the postage?", 那邮费谁付?

A leaning question is searched twice: alone, and together with what was just talked about. An article of the same
subject (shared tags) counts as the better of the two. The article that was just answered from stays a candidate, by
how much of what the question says its text speaks of: the answer often stands in it, one paragraph further down. An
article of another subject counts less the more the question is a fragment, since a fragment's few words fit anything.
"""

from csbot.dialogue import cues
from csbot.dialogue.working import Turn
from kb.retrieval.tokens import words
from kb.search import Hit

SHORT_WORDS, SHORT_HAN = 9, 14
FRAGMENT_WORDS, FRAGMENT_HAN = 3, 7
TOGETHER = 0.9
SAME_ARTICLE, SPOKEN_OF = 0.56, 0.36
SPOKEN_AT_LEAST = 0.34
ELSEWHERE = {True: 0.6, False: 0.95}


def leans(turn: Turn) -> bool:
    """Whether the text is to be read together with the last answer: it is short, and points back or says little."""
    if not turn.state.last.get("article") or not cues.is_short(turn.text, SHORT_WORDS, SHORT_HAN):
        return False
    return cues.has("leaning", turn.text, turn.language) or is_fragment(turn)


def is_fragment(turn: Turn) -> bool:
    """Whether the text is no whole question: a few words, or one that begins in the middle or points back."""
    if cues.is_short(turn.text, FRAGMENT_WORDS, FRAGMENT_HAN):
        return True
    return cues.has("pointing", turn.text, turn.language)


def in_context(turn: Turn, hits: list[Hit]) -> list[Hit]:
    """`hits` of the text alone, re-ranked by what the conversation is about."""
    if not leans(turn):
        return hits
    last = turn.state.last
    together = turn.find(f"{last.get('title', '')} {turn.text}")
    fragment = is_fragment(turn)
    tags, article = set(last.get("tags", ())), last["article"]
    found: dict[str, Hit] = {}
    for hit in hits:
        kindred = hit.article == article or tags & set(hit.tags)
        found[hit.article] = hit if kindred else turn.scored(hit, hit.score * ELSEWHERE[fragment])
    for hit in together:
        if hit.article == article:
            share = spoken_of(turn, hit)
            # An article that says nothing of what is asked does not answer it, however short the question.
            score = SAME_ARTICLE * (fragment and share >= SPOKEN_AT_LEAST) + SPOKEN_OF * share
        elif tags & set(hit.tags):
            score = hit.score * TOGETHER
        else:
            continue
        if hit.article not in found or score > found[hit.article].score:
            found[hit.article] = turn.scored(hit, score)
    return sorted(found.values(), key=lambda hit: -hit.score)


def spoken_of(turn: Turn, hit: Hit) -> float:
    """The share of the question's words that the article's text has, from 0 to 1."""
    asked = set(words(turn.text, turn.language))
    there = set(words(f"{hit.title} {hit.text}", turn.language))
    return len(asked & there) / len(asked) if asked else 0.0
