"""The staff page's addresses, under the same prefix as the channels: `csbot:desk` is /csbot/desk/."""

from django.urls import path

from csbot.desk import views

app_name = "csbot"
urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("desk/<uuid:conversation>/upload", views.upload, name="desk_upload"),
]
