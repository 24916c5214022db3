"""csbot's pages for staff, under the same prefix as the channels: `csbot:desk` is /csbot/desk/."""

from django.urls import path

from csbot.desk import views as desk
from csbot.insights import views as insights

app_name = "csbot"
urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/<uuid:conversation>/upload", desk.upload, name="desk_upload"),
    path("numbers/", insights.page, name="numbers"),
    path("numbers/table.csv", insights.table, name="numbers_table"),
    path("numbers/conversations/", insights.conversations, name="numbers_conversations"),
]
