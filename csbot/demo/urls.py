"""The demo's pages, for this repository's own site."""

from django.urls import path

from csbot.demo import views

urlpatterns = [
    path("", views.start, name="start"),
    path("enter/", views.enter, name="enter"),
    path("shop/", views.shop, name="shop"),
]
