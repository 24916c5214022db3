"""How a customer feels, and where that is going.

English is read by VADER (Hutto & Gilbert 2014) with the phrases of customer service that its lexicon misses, Chinese by
`csbot.nlu.sentiment_zh`; any other language is not judged.
"""

import re
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from csbot.nlu import sentiment_zh

READ_AT_MOST = 2000
"""Characters; a feeling that a longer text did not show by then is not looked for."""
TREND_OVER = 6

# VADER learned its words from social media. In customer service these ask for something and feel nothing.
_ASKING_WORDS = "please help want interest interested share yes ok kindly credit cancel cancelled"
# Wishes and numbers that VADER reads as fondness and refusal: "I would like to return", "order no. 12345", "no, 54321".
_NOT_FEELINGS = re.compile(
    r"\b(?:would|['’]d|i['’]?d) (?:really )?(?:like|love)\b|\bno\b[.,:]?\s*#?(?=\d)", re.IGNORECASE
)
# Complaints that name no feeling, each with what it adds, as a part of what is still left to −1 (or 1).
_PHRASES = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), weight)
    for pattern, weight in (
        (r"(?:for the )?(?:second|third|fourth|fifth|sixth|tenth|2nd|3rd|[4-9]th|nth|hundredth) (?:\w+ )?time", -0.45),
        (r"how many (?:more )?times|(?:over and over|again and again|time and (?:time )?again)|yet again", -0.4),
        (r"still (?:have ?n['’]?t|has ?n['’]?t|did ?n['’]?t|have not|has not|did not|not|no|waiting|nothing)", -0.35),
        (r"never (?:arrived|came|received|got|showed|turned up|heard|again)", -0.4),
        (r"(?:been )?waiting (?:for )?(?:over |more than )?(?:\w+ )?(?:hours|days|weeks|months|ages|forever)", -0.35),
        (r"waste of (?:my )?(?:time|money)|(?:rip|ripped)[ -]?off|(?:total|complete|absolute) joke", -0.5),
        (
            r"fed up|had enough|last straw|sick (?:and tired )?of|done with you|(?:out of|losing my) patience",
            -0.5,
        ),
        (
            r"(?:not|un)\s?acceptable|not good enough|not (?:okay|ok)|no excuse|what a (?:mess|joke)",
            -0.45,
        ),
        (r"(?:nobody|no ?one|none of you) (?:\w+ )?(?:answers?|answered|repl\w+|cares?|helps?|helped|responds?)", -0.4),
        (r"(?:never|not) (?:ever )?(?:buy|order|shop|shopping|buying|ordering|use|using)\w* (?:\w+ )?again", -0.45),
        (
            r"(?:does ?n['’]?t|does not|not|stopped|never) work(?:s|ed|ing)?|(?:fell|falling) apart",
            -0.3,
        ),
        (
            r"wrong (?:item|size|colou?r|order|address|product|amount)|charged (?:me )?twice|overcharged",
            -0.25,
        ),
        (
            r"(?:give|want|need|get) (?:me )?my money back|money back now|see you in court|my lawyer",
            -0.35,
        ),
        (r"(?:great|wonderful|fantastic|brilliant|lovely|nice),? (?:another|yet another|one more)", -1.0),
        (
            r"(?:above and beyond|made my day|life ?saver|five stars?|5 stars?|highly recommend)",
            0.5,
        ),
    )
)
_VADER_LOCK = threading.Lock()


@cache
def _analyser() -> Callable[[str], dict[str, float]]:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as missing:
        raise ImportError("English sentiment needs VADER: pip install vaderSentiment") from missing
    analyser: Any = SentimentIntensityAnalyzer()
    for word in _ASKING_WORDS.split():
        analyser.lexicon.pop(word, None)
    polarity: Callable[[str], dict[str, float]] = analyser.polarity_scores
    return polarity


def score(text: str, language: str) -> float:
    """The feeling in `text`, from −1 (furious) over 0 (none shown, or a language that is not read) to 1 (delighted)."""
    text = text[:READ_AT_MOST]
    match language.replace("_", "-").split("-", 1)[0].lower():
        case "en":
            return _english(text)
        case "zh":
            return sentiment_zh.score(text)
        case _:
            return 0.0


def _english(text: str) -> float:
    with _VADER_LOCK:  # `cache` alone would let two first callers load the lexicon twice
        polarity = _analyser()
    compound = float(polarity(_NOT_FEELINGS.sub(" ", text).replace("’", "'"))["compound"])
    for pattern, weight in _PHRASES:
        if pattern.search(text):
            compound += weight * (1 - abs(compound)) if compound * weight >= 0 else weight
    return round(max(-1.0, min(1.0, compound)), 4)


def trend(scores: Sequence[float]) -> float:
    """How the feeling moved over the last few scores, newest last: −1 (fell from best to worst) to 1.

    The change along the least-squares line through the last six scores, as a part of the largest change there can be;
    0 for fewer than two scores.
    """
    recent = list(scores)[-TREND_OVER:]
    count = len(recent)
    if count < 2:
        return 0.0
    middle = (count - 1) / 2
    mean = sum(recent) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(recent)) / spread
    return round(max(-1.0, min(1.0, slope * (count - 1) / 2)), 4)
