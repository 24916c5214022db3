from django.urls import path

from channels_adapters.webchat import views

urlpatterns = [
    path("webchat/<slug:inbox>/session", views.session, name="csbot_webchat_session"),
    path("webchat/<slug:inbox>/upload", views.upload, name="csbot_webchat_upload"),
    path("webchat/<slug:inbox>/logo", views.logo, name="csbot_webchat_logo"),
    path("files/<uuid:attachment>", views.file, name="csbot_file"),
    path("chat/<slug:inbox>/", views.page, name="csbot_chat"),
]
