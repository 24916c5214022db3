"""The knowledge base in Django's admin."""

from kb.admin.articles import ArticleAdmin
from kb.admin.collections import CollectionAdmin
from kb.admin.gaps import GapAdmin

__all__ = ["ArticleAdmin", "CollectionAdmin", "GapAdmin"]
