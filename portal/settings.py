"""Settings of the portal: one file, the environment read at its top.

Every variable is explained in docs/settings.md. Defaults that would be unsafe on a public
machine apply only under DEBUG; without DEBUG a missing one stops the start with its name.
"""

import zoneinfo
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
import stripe
from corsheaders.defaults import default_headers
from csp.constants import NONCE, NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_noop
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal import providers

django_stubs_ext.monkeypatch()
# The clocks of the pinned tzdata package, the same on every machine; the machine's own files may
# be older than a law that changed them (E20).
zoneinfo.reset_tzpath(())

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- The environment -----------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
_REQUIRED = environ.Env.NOTSET


def _under_debug(value: Any) -> Any:
    """A default that is good enough for development and nowhere else."""
    return value if DEBUG else _REQUIRED


SECRET_KEY = env("SECRET_KEY", default=_under_debug("only-for-development-" + "x" * 40))
# Earlier ones, while links and sessions signed with them still count.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=_under_debug(["localhost", "127.0.0.1", "[::1]", "testserver"])
)
SITE_URL = env("SITE_URL", default=_under_debug("http://localhost:8000")).rstrip("/")
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
DATABASE_URL = env("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
# ``id:base64 of 32 bytes``; the first seals, the others still open what they sealed.
HEALTH_KEYS = env.list(
    "HEALTH_KEYS",
    default=_under_debug(["development:b25seS1mb3ItZGV2ZWxvcG1lbnQtMzItYnl0ZXMtbG8="]),
)
HEALTH_KEPT_MONTHS = env.int("HEALTH_KEPT_MONTHS", default=24)
REDIS_URL = env("REDIS_URL", default="")
EMAIL_URL = env("EMAIL_URL", default=_under_debug(f"filemail:///{VAR_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env(
    "DEFAULT_FROM_EMAIL", default="Massage for Runners <hello@massageforrunners.example>"
)
# Mails that come back are sent to bounces+<id>@…; empty: to the sender, and nobody counts them.
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS", default="")
SERVER_EMAIL = env("SERVER_EMAIL", default=DEFAULT_FROM_EMAIL)
# Where strangers report a weakness: mailto: or https:.
SECURITY_CONTACT = env("SECURITY_CONTACT", default=f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")
TASKS_BACKEND = env("TASKS_BACKEND", default="django_tasks_db.DatabaseBackend")
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default=_under_debug("sk_test_sandbox_portal"))
STRIPE_API_BASE = env("STRIPE_API_BASE", default=_under_debug("http://127.0.0.1:8421"))
STRIPE_WEBHOOK_SECRETS = env.list(
    "STRIPE_WEBHOOK_SECRETS", default=_under_debug(["whsec_sandbox_portal"])
)
STRIPE_SANDBOX_ALLOWED = env.bool("STRIPE_SANDBOX_ALLOWED", default=DEBUG)
STRIPE_ACCOUNT_ID = env("STRIPE_ACCOUNT_ID", default="")
LOCAL_CALENDARS_ALLOWED = env.bool("LOCAL_CALENDARS_ALLOWED", default=False)
if LOCAL_CALENDARS_ALLOWED and not DEBUG:
    raise ImproperlyConfigured("LOCAL_CALENDARS_ALLOWED is for development: take it away.")
LOCAL_WEBHOOKS_ALLOWED = env.bool("LOCAL_WEBHOOKS_ALLOWED", default=False)
if LOCAL_WEBHOOKS_ALLOWED and not DEBUG:
    raise ImproperlyConfigured("LOCAL_WEBHOOKS_ALLOWED is for development: take it away.")
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=not DEBUG)
DEMO = env.bool("DEMO", default=False)
SERVE_MEDIA = env.bool("SERVE_MEDIA", default=True)
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
STAFF_IDLE_MINUTES = env.int("STAFF_IDLE_MINUTES", default=30)
STAFF_SESSION_HOURS = env.int("STAFF_SESSION_HOURS", default=12)
SIGN_IN_ALARM_TRIES = env.int("SIGN_IN_ALARM_TRIES", default=50)
SIGN_IN_ALARM_MINUTES = env.int("SIGN_IN_ALARM_MINUTES", default=10)
RUNNER_SESSION_DAYS = env.int("RUNNER_SESSION_DAYS", default=30)
# The first is the default: its addresses have no prefix.
LANGUAGE_CODES = env.list("LANGUAGE_CODES", default=["en-gb", "de"])

# --- Applications --------------------------------------------------------------------------
INSTALLED_APPS = [
    "portal",
    "cms",
    "scheduling",
    "payments",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.apple",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.strava",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.sitemaps",
    "wagtail.api.v3",
    "wagtail.embeds",
    "wagtail.sites",
    "accounts.wagtail_users.WagtailUsers",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "wagtail_headless_preview",
    "modelcluster",
    "taggit",
    "ninja",
    "corsheaders",
    "csp",
    "django_htmx",
    "template_partials",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    # Last: joins our routers to Wagtail's API after every other app has filled its registry.
    "portal.apps.PortalAPIConfig",
]

MIDDLEWARE = [
    # The headers first: what the next ones refuse has them too.
    "portal.security_headers.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "cms.admin_policy.AdminPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.ProgramsComeByTLS",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.KnownMethodsOnly",
    "portal.api.bodies.ReadableBodies",
    "portal.middleware.NoZeroBytes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.WhoMayKeepACopy",
    "django.middleware.gzip.GZipMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "cms.caching.PublicContentMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cms.languages.LanguageOfAddress",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.session_limits.LimitedSessions",
    "accounts.security_log.NotesRefusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.middleware.MailTrouble",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.failed_tries.LimitsTries",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.second_factor.StaffShowSecondFactor",
    "accounts.proof_first.ProofFirst",
    "accounts.origins.TellsWhoAndWhere",
    "accounts.downloads.NotesDownloads",
    "portal.api.idempotency.IdempotencyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cms.redirecting.OneHopRedirects",
    "cms.admin_asked.AskedOfTheAdmin",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.practice",
            ],
        },
    },
]

# --- Database ------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {"default": environ.Env.db_url_config(DATABASE_URL)}
_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if _SQLITE:
    # IMMEDIATE: a deferred transaction that reads and then writes fails at once under contention.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
        "-c lock_timeout=3000 -c statement_timeout=10000"
        " -c idle_in_transaction_session_timeout=10000"
    )
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: shared by every process, because the sign-in limits live in it ------------------
# Room for many keys: a table that is too full throws out limits that still hold.
_DATABASE_CACHE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "cache",
    "OPTIONS": {"MAX_ENTRIES": 20_000},
}
CACHES: dict[str, dict[str, Any]] = {"default": _DATABASE_CACHE}
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "portal.caches.RedisOrDatabase",
            "LOCATION": REDIS_URL,
            # Short, and once: the database stands in, so nobody needs to wait for Redis.
            "OPTIONS": {
                "socket_connect_timeout": 0.5,
                "socket_timeout": 1,
                "retry": Retry(NoBackoff(), 0),
            },
        },
        "database": _DATABASE_CACHE,
    }

# --- Tasks and mail ------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": TASKS_BACKEND, "QUEUES": ["default"]}}
vars().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 10

# --- People --------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.context_words.NotOurWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# The password is optional: runners use codes, staff may have one beside their second factor.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpDetails"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "accounts.code_form.SignInOrJoin",
    "confirm_login_code": "accounts.code_form.TypeTheCode",
    "login": "accounts.plain_forms.SignInByPassword",
    "signup": "accounts.plain_forms.Join",
    "confirm_email_verification_code": "accounts.plain_forms.CodeForAddress",
    "confirm_password_reset_code": "accounts.plain_forms.CodeForPassword",
    "add_email": "accounts.plain_forms.ChangeAddress",
    "change_password": "accounts.plain_forms.ChangePassword",
    "set_password": "accounts.plain_forms.SetPassword",
    "reset_password": "accounts.plain_forms.AskForPasswordCode",
    "reset_password_from_key": "accounts.plain_forms.PasswordAfterCode",
    "reauthenticate": "accounts.plain_forms.TypePasswordAgain",
}
ACCOUNT_SESSION_REMEMBER = True
# Beside allauth's own. Each code takes three tries, so three codes a minute make nine. What fails
# at one place is counted by `failed_tries` alone: allauth would refuse passkeys there, too.
ACCOUNT_RATE_LIMITS = {
    "failed_try": "10/m/ip",
    "failed_proof": "10/m/user",
    "login_failed": "5/5m/key",
    "prove_code": "3/m/user",
    "reset_password": "20/m/ip,3/m/key",
    "confirm_email": "1/10s/key,3/m/key",
}
SESSION_COOKIE_AGE = RUNNER_SESSION_DAYS * 24 * 3600
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # mail is slow; three minutes lose people
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True  # one address at a time; the old one counts until the new is proven
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.factor_adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.ShowFactor",
    "reauthenticate": "accounts.factor_forms.ShowFactorAgain",
    "activate_totp": "accounts.factor_forms.SetUpApp",
    "add_webauthn": "accounts.factor_forms.AddPasskey",
    "signup_webauthn": "accounts.factor_forms.JoinWithPasskey",
    "edit_webauthn": "accounts.factor_forms.RenamePasskey",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": None}  # nothing to guess, and a network is many people
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TRUST_ENABLED = False
MFA_TOTP_TOLERANCE = 1  # half a minute either way: phones and people are a little late
USERSESSIONS_TRACK_ACTIVITY = True
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_CLIENTS = ("app", "browser")
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SOCIALACCOUNT_ENABLED = True
SOCIALACCOUNT_PROVIDERS = providers.set_up(env)
SOCIALACCOUNT_ADAPTER = "accounts.elsewhere.ElsewhereAdapter"
SOCIALACCOUNT_FORMS = {"signup": "accounts.plain_forms.JoinFromElsewhere"}

# --- Language, time, files -----------------------------------------------------------------
LANGUAGE_CODE = LANGUAGE_CODES[0]
# Each is called by its own name: people look for theirs.
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [
    (code, LANG_INFO[code.split("-")[0]]["name_local"]) for code in LANGUAGE_CODES
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"  # of the editors' screens; rules use each location's own zone
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]  # one clock for all: a schedule means the practice's time
USE_I18N = True
USE_TZ = True
WAGTAIL_I18N_ENABLED = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "static-collected")))
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Wagtail -------------------------------------------------------------------------------
# Pages, mails and receipts say the same of the practice because they all read it here.
PRACTICE: dict[str, Any] = {
    "name": "Massage for Runners",
    "tagline": gettext_noop("Sports massage by therapists who run"),
    "phone": "0117 496 0123",
    "phone_href": "+441174960123",
    "geo": (51.44892, -2.59841),  # latitude and longitude, for maps
    "email": "hello@massageforrunners.example",
    "address_lines": ["3 Harbour Yard", "Bristol"],
    "opening_summary": gettext_noop("Mon to Sat 07:00 to 20:30"),
}
WAGTAIL_SITE_NAME = PRACTICE["name"]
WAGTAIL_PAGE_MODEL = "cms.BasePage"
WAGTAILADMIN_BASE_URL = WAGTAILAPI_BASE_URL = SITE_URL
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False  # people set their own, after their code
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.uploads.forms.ImageUploadForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.uploads.forms.DocumentUploadForm"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "ics", "ods", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []  # a document is a download, never a page of ours
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILAPI_LIMIT_MAX = 100
WAGTAIL_HEADLESS_PREVIEW = {
    "CLIENT_URLS": {"default": env("HEADLESS_PREVIEW_URL", default="")},
    "REDIRECT_ON_PREVIEW": True,
}

# --- Stripe --------------------------------------------------------------------------------
STRIPE_API_VERSION = stripe.api_version
stripe.enable_telemetry = False

# --- Security ------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
COOKIE_PREFIX = "__Host-" if HTTPS else ""  # a browser keeps such a cookie to this host and TLS
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
MESSAGE_STORAGE = "portal.message_cookie.SessionOrCookie"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel frames the site's own pages
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # asks for DENY, which would blank that preview
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        # A form may lead to Stripe's hosted checkout, or to a service to sign in with.
        "form-action": [
            SELF,
            "https://checkout.stripe.com",
            *([STRIPE_API_BASE] * bool(STRIPE_API_BASE)),
            *providers.hosts(SOCIALACCOUNT_PROVIDERS),
        ],
    }
}
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [
    *default_headers,
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-session-token",
]
CORS_EXPOSE_HEADERS = ["ETag", "Idempotent-Replayed", "Retry-After"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Logging -------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "portal.log_lines.OneEntry"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
