from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeBaseConfig(AppConfig):
    """Articles, retrieval and gaps. A leaf: it knows collections and nothing of conversations or brands."""

    name = "kb"
    label = "csbot_kb"
    verbose_name = _("Knowledge base")

    def ready(self) -> None:
        from kb import checks  # noqa: F401  # registers them
