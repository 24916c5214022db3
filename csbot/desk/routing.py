"""The staff page's websocket route, for the site's ASGI router."""

from django.urls import path

from csbot.desk.consumer import DeskConsumer

websocket_urlpatterns = [path("csbot/desk/ws/", DeskConsumer.as_asgi())]
