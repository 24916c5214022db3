"""The addresses of this repository's own site: the demo's pages, csbot under /csbot/, the admin."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers; an exception, and so 500, when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


admin.site.site_header = admin.site.site_title = "csbot"
admin.site.site_url = "/"

urlpatterns = [
    path("", include("csbot.demo.urls")),
    path("csbot/", include("channels_adapters.urls")),
    path("admin/", admin.site.urls),
    path("login/", auth_views.LoginView.as_view(template_name="csbot_demo/login.html"), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("favicon.ico", RedirectView.as_view(url=static("csbot_demo/mark.svg")), name="favicon"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz, name="healthz"),
]
