"""Views that the widget calls from other websites: only from those the inbox allows, and never with cookies."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from channels_adapters.webchat.origins import may_embed, normal
from csbot.models import Inbox

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Inbox, str, P], HttpResponse]


def from_allowed_origin(view: "View[P]") -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A POST view that gets the web chat inbox and the website's origin, which may embed it.

    Exempt from CSRF: no cookie gives rights here, except on this site's own pages, and those the origin proves.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, inbox: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        row = Inbox.objects.select_related("bot", "brand").filter(key=inbox, channel="webchat").first()
        if row is None:
            raise Http404(f"There is no web chat inbox {inbox!r}.")
        origin = normal(request.headers.get("Origin", ""))
        allowed = may_embed(origin, row.origins, request.get_host())
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "authorization, content-type"
            response["Access-Control-Max-Age"] = "7200"
        elif not allowed:
            # The page may read this much, so that its developer learns which setting is missing.
            message = f"{origin or 'A page without Origin'} may not embed the inbox {inbox!r}: list it in the admin."
            response = refused("origin", message, 403)
        elif request.method == "POST":
            response = view(request, row, origin, *args, **kwargs)
        else:
            response = refused("method", "POST only.", 405)
            response["Allow"] = "OPTIONS, POST"
        response["Access-Control-Allow-Origin"] = origin or "null"
        response["Vary"] = "Origin"
        response["Cache-Control"] = "no-store"
        return response

    return answer  # type: ignore[return-value]  # `wraps` names the parameters of the inner view


def refused(code: str, message: str, status: int) -> JsonResponse:
    """A refusal that says what was wrong: `code` for the widget, `message` for its developer."""
    return JsonResponse({"error": code, "message": message}, status=status)
