"""Read the environment, and say plainly what is wrong with it.

Plain functions, one a kind of value. Each raises ImproperlyConfigured with one line that names the variable and what
was expected; nothing here knows which settings exist.
"""

import os
import secrets
import select
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from psycopg import Connection
from psycopg_pool import ConnectionPool

# A deferred transaction that reads and then writes fails at once when another writes; an immediate one waits.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000; PRAGMA journal_size_limit=27103364;",
}


def _still_there(connection: Connection[Any]) -> None:
    """Ask the server only where the socket has something to say: all that an idle connection ever hears is its end.

    To ask each time would cost a request as much as the question it comes with. Raises OperationalError.
    """
    ear = select.poll()
    ear.register(connection.fileno(), select.POLLIN)
    if ear.poll(0):
        ConnectionPool.check_connection(connection)


# Short, so that a page says "not now" within seconds of the database going away.
POSTGRES_OPTIONS = {"connect_timeout": 3, "pool": {"min_size": 1, "max_size": 8, "timeout": 4, "check": _still_there}}

LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
PRIVATE_NAMES = (".internal", ".lan", ".local", ".localhost", ".test")


def _wrong(name: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is not usable: expected {expected}.")


def _address(name: str, value: str, *, schemes: set[str], expected: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise _wrong(name, expected)
    return parts


def text(name: str, *, default: str) -> str:
    value = os.environ.get(name, "").strip() or default
    if not value.isprintable():
        raise _wrong(name, "one line of text")
    return value


def boolean(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "on", "true", "yes"}:
        return True
    if value in {"0", "off", "false", "no"}:
        return False
    raise _wrong(name, "on or off")


def choice(name: str, allowed: list[str], *, default: str) -> str:
    value = text(name, default=default)
    if value not in allowed:
        raise _wrong(name, " or ".join(allowed))
    return value


def site_url(name: str, *, default: str) -> str:
    """Scheme and host of the site, without a trailing slash."""
    expected = "an address such as https://papers.example.org, without a path"
    value = text(name, default=default).rstrip("/")
    parts = _address(name, value, schemes={"http", "https"}, expected=expected)
    if not parts.hostname or "@" in parts.netloc or parts.path or "?" in value or "#" in value:
        raise _wrong(name, expected)
    return value


def hosts(name: str, *, site_url: str, debug: bool) -> list[str]:
    """The names the site answers to: those given, else the one of its address; while developing, this machine's too."""
    given = [host.strip() for host in os.environ.get(name, "").split(",") if host.strip()]
    if any(host.strip(".") in {"", "*"} or set(host) & set("/@?# ") for host in given):
        raise _wrong(name, "host names separated by commas, such as papers.example.org")
    allowed = given or [_host(site_url)]
    if debug and (public := next((host for host in allowed if _is_public(host)), None)):
        raise _wrong("DEBUG", f"off, since {public} is a public name and error pages would show the insides")
    return [*allowed, *LOCAL_HOSTS] if debug else allowed


def _host(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def _is_public(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." in host.strip(".") and not host.endswith(PRIVATE_NAMES)


def secret_key(name: str, *, debug: bool, kept_in: Path) -> str:
    """The key from the environment; while developing, one made up on the first start and kept."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if not debug:
        raise ImproperlyConfigured(f"{name} is missing: expected a long random text, which is required when DEBUG is off.")
    if not kept_in.exists():
        kept_in.touch(mode=0o600)
        kept_in.write_text(secrets.token_urlsafe(50))
    return kept_in.read_text()


def former_keys(name: str) -> list[str]:
    """Those that were the key before, newest first, separated by blanks."""
    return os.environ.get(name, "").split()


def credentials(name: str) -> dict[str, str] | None:
    """What another site gave this one to be known by, `NAME_CLIENT_ID` and `NAME_CLIENT_SECRET`; None where neither is there."""
    names = {"client_id": f"{name}_CLIENT_ID", "secret": f"{name}_CLIENT_SECRET"}
    given = {key: text(variable, default="") for key, variable in names.items()}
    if any(given.values()):
        for key, other in (("client_id", "secret"), ("secret", "client_id")):
            if not given[key]:
                raise ImproperlyConfigured(f"{names[key]} is missing: expected what belongs to {names[other]}.")
        return given
    return None


def database_from_url(name: str, *, default: str) -> dict[str, Any]:
    expected = "sqlite:///path or postgres://user:password@host:port/name"
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(text(name, default=default)))
    except ValueError as error:
        raise _wrong(name, expected) from error
    if not database["NAME"]:
        raise _wrong(name, expected)
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = SQLITE_OPTIONS
    elif database["ENGINE"] == "django.db.backends.postgresql":
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = {**POSTGRES_OPTIONS, **database.get("OPTIONS", {})}
    else:
        raise _wrong(name, expected)
    return database


def cache_from_url(name: str) -> dict[str, Any]:
    """Redis where it is named, else a table of the database: limits have to hold over all workers."""
    value = text(name, default="")
    if not value:
        # A full table forgets some of its rows, whatever they are: there is room for the limits of many visitors.
        return {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
    _address(name, value, schemes={"redis", "rediss", "unix"}, expected="redis://host:port/number")
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}


def mailer_from_url(name: str, *, debug: bool) -> dict[str, Any]:
    """smtp:// (with STARTTLS where it says ?tls=on) or smtps:// (TLS from the start).

    Where nothing is named: the console while developing, else this machine's own server, for letters hold codes
    and a log is no place for those.
    """
    expected = "console: or smtp://user:password@host:port?tls=on or smtps://user:password@host:port"
    parts = _address(
        name, text(name, default="console:" if debug else "smtp://localhost:25"), schemes={"console", "smtp", "smtps"}, expected=expected
    )
    if parts.scheme == "console":
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if not parts.hostname or parts.path.strip("/") or parts.query not in {"", "tls=on", "tls=off"}:
        raise _wrong(name, expected)
    options: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp" and parts.query == "tls=on",
        "timeout": 10,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
