"""The websocket routes of web chat, for the site's ASGI router."""

from django.urls import path

from channels_adapters.webchat.consumer import ChatConsumer

websocket_urlpatterns = [path("csbot/ws/<slug:inbox>/", ChatConsumer.as_asgi())]
