"""Article text in its forms: markdown-lite as stored, HTML for a page, plain for search, spoken for the phone.

Markdown-lite is paragraphs, `- ` and `1. ` lists, `**bold**`, `*italic*`, `` `code` `` and `[label](address)`.
HTML has no place in it: it is cleaned away on writing and again on reading, because rows also come from
imports, shells and older releases. Making numbers and dates speakable is the voice room's work, not ours.
"""

import html
import re
import unicodedata

import nh3
from django.utils.safestring import SafeString, mark_safe

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]+|[\w.+-]+@[\w-]+\.[\w.-]+)>", re.IGNORECASE)
LINK = re.compile(r"!?\[([^\]\n]*)\]\(\s*([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\s*\)")
BARE_LINK = re.compile(r"https?://[^\s<>()\[\]，。；！？、]+")
BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
CODE = re.compile(r"`([^`\n]+)`")
LIST_ITEM = re.compile(r"^\s*(?:[-*•]|(\d{1,3})[.)、])\s+(.*)$")
HEADING = re.compile(r"^\s{0,3}#{1,6}\s+|^\s{0,3}>\s?", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])")
ENDED = (".", "!", "?", ":", ";", "。", "！", "？", "：", "；", "…")
SAFE_SCHEMES = ("https://", "http://", "mailto:", "tel:")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def sanitise(text: str) -> str:
    """`text` in Unicode NFC without HTML elements, script and style contents, control, zero-width and
    direction-override characters. Text that holds none of these comes back as it was, without blank space around."""
    text = CONTROL.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    text = AUTOLINK.sub(r"\1", text)
    # An entity may hide an element, which may hide another: until nothing changes, and each round is shorter.
    while "<" in text or "&" in text:
        cleaned = html.unescape(nh3.clean(text, tags=set()))
        if cleaned == text:
            break
        text = CONTROL.sub("", cleaned)
    return text.strip()


def one_line(text: str) -> str:
    """`text` sanitised, on one line."""
    return " ".join(sanitise(text).split())


def safe_link(address: str) -> bool:
    """Whether `address` may be followed: a web, mail or telephone address, or a path of this site."""
    lowered = address.strip().lower()
    return lowered.startswith(SAFE_SCHEMES) or (lowered.startswith("/") and not lowered.startswith(("//", "/\\")))


def plain(text: str) -> str:
    """`text` without markup: the words a reader sees, links by their label; list items keep a dash."""
    text = HEADING.sub("", sanitise(text))
    text = LINK.sub(lambda link: link[1] or link[2], text)
    return CODE.sub(r"\1", ITALIC.sub(r"\1", BOLD.sub(r"\2", text)))


def spoken(text: str) -> str:
    """`text` as sentences to be said: no markup, no addresses; list items and paragraphs end with a full stop."""
    text = HEADING.sub("", sanitise(text))
    text = LINK.sub(lambda link: "" if BARE_LINK.fullmatch(link[1]) else link[1], text)
    text = BARE_LINK.sub("", CODE.sub(r"\1", ITALIC.sub(r"\1", BOLD.sub(r"\2", text))))
    sentences = []
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,3}[.)、])\s)", text):
        item = LIST_ITEM.match(paragraph)
        words = " ".join((item[2] if item and "\n" not in paragraph else LIST_ITEM.sub(r"\2", paragraph)).split())
        words = re.sub(r"\s+([,.;:!?])", r"\1", words).strip()
        if words:
            stop = "。" if CJK.search(words) else "."
            sentences.append(words if words.endswith(ENDED) else words + stop)
    return re.sub(r"(?<=[。！？；])\s+", "", " ".join(sentences))


def to_html(text: str) -> SafeString:
    """`text` as safe HTML: `p`, `ul`, `ol`, `li`, `strong`, `em`, `code`, `br` and links to safe addresses only."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", HEADING.sub("", sanitise(text))):
        paragraph: list[str] = []
        items: list[tuple[bool, str]] = []
        for line in block.split("\n"):
            if item := LIST_ITEM.match(line):
                blocks += _paragraph(paragraph)
                paragraph = []
                items.append((item[1] is not None, _inline(item[2])))
            elif items and line.strip():
                numbered, words = items[-1]
                items[-1] = (numbered, f"{words} {_inline(line.strip())}")
            elif line.strip():
                paragraph.append(_inline(line.strip()))
        blocks += _paragraph(paragraph)
        if items:
            tag = "ol" if items[0][0] else "ul"
            blocks.append(f"<{tag}>" + "".join(f"<li>{words}</li>" for _, words in items) + f"</{tag}>")
    allowed = {"p", "ul", "ol", "li", "strong", "em", "code", "br", "a"}
    cleaned = nh3.clean("".join(blocks), tags=allowed, attributes={"a": {"href"}}, link_rel="noopener noreferrer")
    return mark_safe(cleaned)  # noqa: S308  # escaped piece by piece above and cleaned by nh3


def passages(text: str, *, words: int = 90) -> list[str]:
    """`text` without markup in passages of about `words` words (a Chinese character counts as half a word), cut
    between paragraphs, else between sentences. A short text is one passage."""
    found: list[str] = []
    current: list[str] = []
    size = 0.0
    for paragraph in re.split(r"\n\s*\n", plain(text)):
        whole = " ".join(paragraph.split())
        for piece in [whole] if _size(whole) <= words else SENTENCE_END.split(whole):
            weight = _size(piece)
            if current and size + weight > words:
                found.append(" ".join(current))
                current, size = [], 0.0
            if piece:
                current.append(piece)
                size += weight
    if current:
        found.append(" ".join(current))
    return found


def _size(text: str) -> float:
    ideographs = len(CJK.findall(text))
    return len(CJK.sub(" ", text).split()) + ideographs / 2


def _paragraph(lines: list[str]) -> list[str]:
    return [f"<p>{'<br>'.join(lines)}</p>"] if lines else []


def _inline(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for link in LINK.finditer(text):
        pieces.append(_marks(text[at : link.start()]))
        label = _marks(link[1] or link[2])
        if safe_link(link[2]):
            pieces.append(f'<a href="{html.escape(link[2])}">{label}</a>')
        else:
            pieces.append(label)
        at = link.end()
    return "".join(pieces) + _marks(text[at:])


def _marks(text: str) -> str:
    escaped = html.escape(text)
    return ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\2</strong>", CODE.sub(r"<code>\1</code>", escaped)))
