"""Every websocket route of the channels, for the site's ASGI router."""

from channels_adapters.webchat.routing import websocket_urlpatterns

__all__ = ["websocket_urlpatterns"]
