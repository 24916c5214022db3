"""The knowledge base's rows, one subject a file."""

from kb.models.articles import Article, ArticleText
from kb.models.collections import Collection
from kb.models.gaps import Gap, Vote
from kb.models.provenance import Imported, Proposal
from kb.models.retrieval import Vector, Weights
from kb.models.versions import Version

__all__ = [
    "Article",
    "ArticleText",
    "Collection",
    "Gap",
    "Imported",
    "Proposal",
    "Vector",
    "Version",
    "Vote",
    "Weights",
]
