"""The pages and views of the channels: `path("csbot/", include("channels_adapters.urls"))`."""

from channels_adapters.webchat.urls import urlpatterns

__all__ = ["urlpatterns"]
