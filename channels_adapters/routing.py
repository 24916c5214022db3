"""Every websocket route of csbot, for the site's ASGI router."""

from channels_adapters.webchat.routing import websocket_urlpatterns as webchat
from csbot.desk.routing import websocket_urlpatterns as desk

websocket_urlpatterns = [*webchat, *desk]
