"""Every setting, read from the environment with defaults that just run.

`DATABASE_URL`, `SECRET_KEY`, `ALLOWED_HOSTS`, `SITE_URL` and `EMAIL_URL` make it production.
A malformed value stops the start with one line that names the variable.
"""

from pathlib import Path
from typing import Any

from django.utils.csp import CSP

from config.environment import (
    boolean,
    cache_from_url,
    choice,
    credentials,
    database_from_url,
    former_keys,
    hosts,
    mailer_from_url,
    secret_key,
    site_url,
    text,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

# -- The site ------------------------------------------------------------------------------
DEBUG = boolean("DEBUG", default=False)
SECRET_KEY = secret_key("SECRET_KEY", debug=DEBUG, kept_in=VAR_DIR / "secret-key")
SECRET_KEY_FALLBACKS = former_keys("SECRET_KEY_FALLBACKS")
SITE_URL = site_url("SITE_URL", default="http://127.0.0.1:8000")
SITE_NAME = text("SITE_NAME", default="Awesome LLM Systems Papers")
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", site_url=SITE_URL, debug=DEBUG)
DATA_LICENSE = text("DATA_LICENSE", default="CC0-1.0")
SELF_APPROVAL = choice("SELF_APPROVAL", ["maintainers", "nobody"], default="maintainers")
OUTBOUND = boolean("OUTBOUND", default=False)
IS_SECURE = SITE_URL.startswith("https://")
# HTTPS ends at a proxy in front of the application; who is asking is then what that one proxy says, and no other.
TRUSTED_PROXIES = 1 if IS_SECURE else 0
MAINTAINERS_NEED_MFA = boolean("MAINTAINERS_NEED_MFA", default=IS_SECURE)

# -- Who else may say who somebody is ------------------------------------------------------
# Each only where it is configured, with the host to which its button leads.
PROVIDER_HOSTS = {"GitHub": "https://github.com", "Google": "https://accounts.google.com", "ORCID": "https://orcid.org"}
PROVIDERS = {name: app for name in PROVIDER_HOSTS if (app := credentials(name.upper()))}

# -- The application -----------------------------------------------------------------------
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "accounts",
    "catalog",
    "config.desk.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *[f"allauth.socialaccount.providers.{name.lower()}" for name in PROVIDERS],
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "catalog.serving.Serving",
    "config.headers.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.headers.refuse_other_charsets",
    "config.headers.explain_methods",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.unsent.accounts_keep",
    "accounts.refused.accounts_refuse",
    "django_htmx.middleware.HtmxMiddleware",
    "config.outage.Outage",
]
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
                "config.context.site",
                "catalog.context.catalogue",
            ],
        },
    }
]

# -- Data ----------------------------------------------------------------------------------
DATABASES = {"default": database_from_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'openshelf.sqlite3'}")}
CACHES = {"default": cache_from_url("CACHE_URL")}

# -- Accounts ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_email": "accounts.forms.ChangeEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "confirm_email_verification_code": "accounts.forms.ConfirmEmailCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
    "confirm_password_reset_code": "accounts.forms.ConfirmPasswordResetCodeForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# Every code is good for ten minutes: the letters and the pages say so.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A session that was left open changes neither addresses nor what else signs in.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USERNAME_MIN_LENGTH = 2
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_RATE_LIMITS = {
    # What is guessed at one account, by whichever of its names.
    "login_failed_account": "5/5m/key",
    # Letters with codes to one address, whatever they are for. Each code is tried once, and again as often as these two say together:
    # five wrong tries in five minutes, by however many browsers, and none of them takes its first try from the letter of another.
    "code_letter": "3/5m/key",
    "code_again": "2/5m/key",
    "request_login_code": "20/m/ip",
    "reset_password": "20/m/ip",
    "confirm_email": "1/10s/key,3/5m/key",
}
MFA_ADAPTER = "accounts.factors.FactorAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.forms.ActivateAppForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "authenticate": "accounts.forms.FactorForm",
    "authenticate_webauthn": "accounts.forms.PasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
    "login_webauthn": "accounts.forms.PasskeyLoginForm",
    "reauthenticate": "accounts.forms.FactorAgainForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
    "signup_webauthn": "accounts.forms.FirstPasskeyForm",
}
# Whose thumbs are slow, or whose phone is a little off, gets in by the digits beside those of now.
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = True
SOCIALACCOUNT_ADAPTER = "accounts.providers.ProviderAdapter"
SOCIALACCOUNT_FORMS = {"disconnect": "accounts.forms.DisconnectForm", "signup": "accounts.forms.ProviderSignupForm"}
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    name.lower(): {"APP": {"name": name, **app}, "OAUTH_PKCE_ENABLED": True} for name, app in PROVIDERS.items()
}
# A public name is chosen, never taken over; an address that somebody else vouches for opens no account that is here.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_LOGIN_ON_GET = SOCIALACCOUNT_STORE_TOKENS = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# -- Mail ----------------------------------------------------------------------------------
MAILERS = {"default": mailer_from_url("EMAIL_URL", debug=DEBUG)}
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", default="openshelf@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- Language and time ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "config.formats"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

# -- Files ---------------------------------------------------------------------------------
DUMPS_DIR = Path(text("DUMPS_DIR", default=str(VAR_DIR / "dumps")))
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What browsers look for at the root, whatever a page says: favicon.ico and its kin.
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# -- Safety --------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    # A browser holds a form to this through every redirect.
    "form-action": [CSP.SELF, *[PROVIDER_HOSTS[name] for name in PROVIDERS]],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31536000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_SECURE else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "catalog.views.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# -- Log -----------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{levelname} {name}: {message}", "style": "{"},
        "json": {"()": "config.logs.JsonLine"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain" if DEBUG else "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own handlers write to a console only while developing, and mail the rest to nobody.
    "loggers": {"django": {"handlers": [], "level": "WARNING"}},
}

# -- API -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "catalog.api.problems.problem_response",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME}: API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["catalog.api.schema.add_components"],
    "SERVE_INCLUDE_SCHEMA": False,
}
