"""Typed settings of the knowledge base, read at call time; `kb/checks.py` has a check for each."""

from django.conf import settings

DEFAULT_EMBEDDER = "kb.embedders.minilm.MiniLM"
DEFAULT_EMBEDDER_MODEL = "sentence-transformers/all-MiniLM-L6-v2"


def languages() -> tuple[str, ...]:
    """The languages an article is written in, in the order the editor shows them (BCP 47 primary tags)."""
    return tuple(getattr(settings, "CSBOT_KB_LANGUAGES", ("en", "zh")))


def embedder() -> str:
    """Dotted path of the embedder class; empty: retrieval is lexical."""
    return str(getattr(settings, "CSBOT_EMBEDDER", DEFAULT_EMBEDDER))


def embedder_model() -> str:
    """The model that the default embedder loads: a folder, or a hub name that an installed package may carry."""
    return str(getattr(settings, "CSBOT_EMBEDDER_MODEL", DEFAULT_EMBEDDER_MODEL))


def embedder_threads() -> int:
    """Threads of one product in the default embedder; torch keeps the number for the whole process."""
    return int(getattr(settings, "CSBOT_EMBEDDER_THREADS", 1))


def primary_tag(language: str) -> str:
    """`zh` of `zh-Hans`, `en` of `en_GB`: articles are kept by primary tag."""
    return language.replace("_", "-").split("-")[0].lower()
