"""The server's door: `granian --interface wsgi config.wsgi:application`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# PostgreSQL reads this when a connection opens. A page may not wait for ever; a command, a migration say, may.
os.environ.setdefault("PGOPTIONS", "-c statement_timeout=15s -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(str(error))
