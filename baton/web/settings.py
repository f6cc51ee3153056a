"""Settings: what Django needs, made from the environment (baton/platform/environment.py)."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from baton.platform import environment

ENV = environment.read()
PACKAGE = Path(__file__).resolve().parent.parent

BATON_HOME: Path = ENV["BATON_HOME"]
BATON_HOME.mkdir(parents=True, exist_ok=True)
BATON_URL: str = ENV["BATON_URL"]
BATON_WIRING = "baton.web.wiring"
EVENTS_URL: str = ENV["EVENTS_URL"]
COUNTRIES_FILE: Path | None = ENV["COUNTRIES_FILE"]
REDIS_URL: str = ENV["REDIS_URL"]
SMTP_URL: str = ENV["SMTP_URL"]
RETURNS_IMAP_URL: str = ENV["RETURNS_IMAP_URL"]
RETURNS_FOLDER: str = ENV["RETURNS_FOLDER"]
RETURNS_WEBHOOKS: dict[str, str] = ENV["RETURNS_WEBHOOKS"]
SENDING_HOSTS: list[str] = ENV["SENDING_HOSTS"]
SPAMD_URL: str = ENV["SPAMD_URL"]
DNS_SERVERS: list[str] = ENV["DNS_SERVERS"]

DEBUG: bool = ENV["BATON_DEBUG"]
SECRET_KEY: str = ENV["BATON_SECRET_KEY"] or environment.kept_secret(BATON_HOME, "secret_key")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", urlsplit(BATON_URL).hostname, *ENV["BATON_HOSTS"]]
CSRF_TRUSTED_ORIGINS = [BATON_URL]

SIDES = ["web", "exchange", "measure", "handoff", "sales", "marketing", "tracking", "people", "platform"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *[f"baton.{side}" for side in SIDES],
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "baton.web.middleware.content_security_policy",
    "baton.web.middleware.no_zero_bytes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "baton.web.middleware.reader_settings",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "baton.web.once.each_form_once",
]

ROOT_URLCONF = "baton.web.urls"
WSGI_APPLICATION = "baton.web.wsgi.application"

_CONTEXT = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "baton.web.shell.context.shell",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / side / "templates" for side in SIDES],
        "OPTIONS": {"environment": "baton.web.jinja.environment", "context_processors": _CONTEXT},
    },
    {  # allauth's mail texts only; every page has a Jinja2 template of ours.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT},
    },
]

_DURABLE = ENV["BATON_DURABLE"]
DATABASES = {
    "default": environment.database(ENV["DATABASE_URL"], BATON_HOME, durable=_DURABLE, file="baton.sqlite3"),
    "events": environment.database(ENV["DATABASE_URL"], BATON_HOME, durable=_DURABLE, file="events.sqlite3"),
}
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    for _database in DATABASES.values():
        _database["TEST"] = {"NAME": os.environ.get("BATON_TEST_DB", "test_baton")}
DATABASE_ROUTERS = ["baton.web.databases.EventsRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["models.W042"]

AUTH_USER_MODEL = "platform.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "baton.platform.accounts.adapter.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Baton"

LANGUAGE_CODE = ENV["BATON_LANGUAGE"]
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
ORGANISATION_ZONE: str = ENV["BATON_ZONE"]
ORGANISATION_CURRENCY: str = ENV["BATON_CURRENCY"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STATIC_ROOT = BATON_HOME / "static"

EMAIL_BACKEND = "baton.platform.mail.backend.Backend"
DEFAULT_FROM_EMAIL: str = ENV["BATON_MAIL_FROM"]
PROXIES: int = ENV["BATON_PROXIES"]

_HTTPS = BATON_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "baton": {"handlers": ["console"], "level": "INFO"},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
