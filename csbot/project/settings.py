"""Settings of this repository's own site.

The environment is read here and nowhere else. Every way to run is a matter of these values: nothing set is
the embedded way (SQLite, in-process turns, in-memory live events); `CSBOT_DATABASE_URL`, `CSBOT_REDIS_URL`
and `CSBOT_BROKER_URL` scale it out. `docs/operations.md` lists the variables.
"""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("CSBOT_VAR_DIR", BASE_DIR / "var"))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEVELOPMENT_KEY = "insecure-development-key-set-CSBOT_SECRET_KEY-in-production"
PRODUCTION = os.environ.get("CSBOT_PRODUCTION", "") == "1"
# One-click log-ins on the start page: `csbot_demo` sets it for the server it starts; a check refuses it in production.
CSBOT_DEMO = os.environ.get("CSBOT_DEMO", "") == "1"
DEBUG = not PRODUCTION and os.environ.get("CSBOT_DEBUG", "") == "1"
SECRET_KEY = os.environ.get("CSBOT_SECRET_KEY", "" if PRODUCTION else DEVELOPMENT_KEY)
if not SECRET_KEY:
    raise ImproperlyConfigured("CSBOT_PRODUCTION=1 needs CSBOT_SECRET_KEY: fifty or more random characters.")
# Encrypted fields (inbox credentials, secret slots) are keyed apart from sessions, so that either can be rotated.
SALT_KEY = os.environ.get("CSBOT_SALT_KEYS", "csbot-fields").split(",")
ALLOWED_HOSTS = os.environ.get("CSBOT_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSBOT_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "kb",
    "csbot",
    "channels_adapters",
    "voice",
    "csbot.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "csbot.project.urls"
ASGI_APPLICATION = "csbot.project.asgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The second is where an installed wheel has the admin's look of this site.
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "csbot" / "demo" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def database(url: str) -> dict[str, Any]:
    """The Django database settings for `url`: `sqlite:///path` or `postgres://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # A deferred transaction that reads and then writes fails at once with "database is locked": every
        # transaction takes the write lock at its start, and readers go on beside it (WAL).
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or str(VAR_DIR / "csbot.sqlite3"),
            "CONN_MAX_AGE": None,  # opening the file and setting its pragmas costs more than most queries
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            # In-memory test databases shared by threads ignore `timeout`; a file behaves like the real one.
            "TEST": {"NAME": os.path.join(tempfile.gettempdir(), f"csbot-test-{os.getpid()}.sqlite3")},
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "TEST": {"NAME": f"csbot_test_{os.getpid()}"},
        }
    raise ImproperlyConfigured(
        f"CSBOT_DATABASE_URL begins with {parts.scheme!r}; csbot runs on sqlite:///path and postgres://user@host/name."
    )


DATABASES = {"default": database(os.environ.get("CSBOT_DATABASE_URL", f"sqlite:///{VAR_DIR / 'csbot.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("CSBOT_REDIS_URL", "")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "csbot.layers.SweptInMemoryChannelLayer", "CONFIG": {"capacity": 2000}}
}
if REDIS_URL:
    # redis-py 8 lowered the pool's default to 100 connections, which 500 sockets exhaust, and the socket's timeout to
    # the 5 s that channels_redis blocks for: a quiet socket then died in a race between the two.
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "max_connections": 4096, "socket_timeout": 30, "socket_keepalive": True}],
            "capacity": 2000,
            "prefix": os.environ.get("CSBOT_REDIS_PREFIX", "csbot"),
        },
    }

CELERY_BROKER_URL = os.environ.get("CSBOT_BROKER_URL", "")
CSBOT_ACTIONS = ["csbot.demo.actions"]
CSBOT_RUNNER = "csbot.runners.CeleryRunner" if CELERY_BROKER_URL else "csbot.runners.ThreadRunner"

# Passed on when they are set; their defaults stand with the rooms that read them (docs/settings.md).
for _name in ("CSBOT_EMBEDDER", "CSBOT_EMBEDDER_MODEL"):
    if _name in os.environ:
        globals()[_name] = os.environ[_name]
for _name in ("CSBOT_TURN_THREADS", "CSBOT_DATABASE_THREADS"):
    if _name in os.environ:
        globals()[_name] = int(os.environ[_name])

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
TIME_ZONE = os.environ.get("CSBOT_TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns of a missing one at the first request
# The development way serves each app's own static folder without `collectstatic`.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = ""  # attachments are served by a view that checks who asks, never by path

EMAIL_BACKEND = os.environ.get(
    "CSBOT_EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend" if PRODUCTION else "django.core.mail.backends.filebased.EmailBackend",
)
CSBOT_SITE_URL = os.environ.get("CSBOT_SITE_URL", "http://127.0.0.1:8000")
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = os.environ.get("CSBOT_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("CSBOT_EMAIL_PORT", "25"))
DEFAULT_FROM_EMAIL = os.environ.get("CSBOT_EMAIL_FROM", "help@localhost")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = os.environ.get("CSBOT_SSL_REDIRECT", "1") == "1"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {"TITLE": "csbot", "VERSION": "0.1.0"}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CSBOT_LOG_LEVEL", "WARNING")},
}
