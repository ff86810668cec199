"""The settings of the site, as the tests need them: quick, and indifferent to the environment but for DATABASE_URL."""

import os

OURS = """ALLOWED_HOSTS CACHE_URL DATA_LICENSE DEBUG DEFAULT_FROM_EMAIL DUMPS_DIR EMAIL_URL MAINTAINERS_NEED_MFA OUTBOUND
    SECRET_KEY_FALLBACKS SELF_APPROVAL SITE_NAME SITE_URL"""
os.environ.update(dict.fromkeys(OURS.split(), ""), SECRET_KEY="only-for-tests")
# Every other site that can be configured is; none of them is ever asked.
for provider in ("GITHUB", "GOOGLE", "ORCID"):
    os.environ.update({f"{provider}_CLIENT_ID": "known-as", f"{provider}_CLIENT_SECRET": "only-for-tests"})

from config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
LOGGING = {"version": 1, "disable_existing_loggers": False}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # Nobody will miss what a test has written: no commit waits for the disk. And of so few rows no question is worth compiling.
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off -c jit=off"  # noqa: F405
