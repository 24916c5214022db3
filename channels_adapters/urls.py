"""The pages and views of the channels and of the staff page: `path("csbot/", include("channels_adapters.urls"))`."""

from django.urls import include, path

from channels_adapters.webchat.urls import urlpatterns as webchat

urlpatterns = [*webchat, path("", include("csbot.urls"))]
