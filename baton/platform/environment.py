"""Every environment variable Baton reads, in one table: its name, kind, default and what it is for.

`read()` returns checked values by name; a bad value raises BadEnvironment with a sentence that says what to write
instead. `baton doctor` and docs/operators/settings.md are made from the same table.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from baton.platform.dates import known_zones


class BadEnvironment(Exception):
    """A setting cannot be used as written; the message names it and says what is expected."""


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in words:
        raise ValueError("write yes or no")
    return words[value.lower()]


def _number(value: str) -> int:
    if not value.isdigit():
        raise ValueError("write a whole number")
    return int(value)


def _folder(value: str) -> Path:
    return Path(value).expanduser().resolve()


def _file(value: str) -> Path | None:
    return _folder(value) if value else None


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("write an address such as https://baton.example.com")
    return value.rstrip("/")


def _zone(value: str) -> str:
    if value not in known_zones():
        raise ValueError("write a zone of the IANA list such as Europe/Berlin")
    return value


def _scheme(*schemes: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value and urlsplit(value).scheme not in schemes:
            raise ValueError("start it with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return check


def _host_and_port(value: str) -> str:
    host, _colon, port = value.rpartition(":")
    if value and (not host or not port.isdecimal()):
        raise ValueError("write a host and a port such as 127.0.0.1:783")
    return value


def _names(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _pairs(value: str) -> dict[str, str]:
    parts = dict(one.partition("=")[::2] for one in _names(value))
    if not all(name and secret for name, secret in parts.items()):
        raise ValueError("write pairs such as mailgun=secret, separated by commas")
    return parts


@dataclass(frozen=True)
class Variable:
    """One row of the table: `check` turns the text into a value or raises ValueError with an instruction."""

    name: str
    check: Callable[[str], Any]
    default: str
    help: str
    secret: bool = False


VARIABLES = [
    Variable("BATON_HOME", _folder, "./var", "Folder that holds everything this installation keeps."),
    Variable("BATON_URL", _web_address, "http://127.0.0.1:8000", "Public address; links in mails start with it."),
    Variable("BATON_HOSTS", _names, "", "Further host names to answer to, separated by commas."),
    Variable("BATON_DEBUG", _flag, "no", "Shows error pages with details and the style guide. Never on in production."),
    Variable(
        "BATON_SECRET_KEY", _text, "", "Signs sessions and links. Empty: made once and kept in BATON_HOME/keys.", True
    ),
    Variable("BATON_ZONE", _zone, "UTC", "Zone in which days, weeks and quarters of the organisation begin."),
    Variable("BATON_LANGUAGE", _text, "en", "Language shown to those who have chosen none."),
    Variable("BATON_CURRENCY", _text, "USD", "ISO 4217 code of the currency totals are shown in."),
    Variable(
        "DATABASE_URL",
        _scheme("sqlite", "postgres", "postgresql"),
        "",
        "Main database: postgres://user:password@host:5432/name. Empty: SQLite in BATON_HOME.",
        True,
    ),
    Variable(
        "EVENTS_URL",
        _scheme("files", "clickhouse", "clickhouses", "chdb"),
        "",
        "Where moved events live: clickhouse://host:8123/name. Empty: Parquet files in BATON_HOME.",
        True,
    ),
    Variable(
        "COUNTRIES_FILE",
        _file,
        "",
        "Countries of visitors: a local file in MaxMind's format (GeoLite2-Country.mmdb, dbip-country-lite.mmdb). "
        "Empty: what the proxy says (CF-IPCountry).",
    ),
    Variable("REDIS_URL", _scheme("redis", "rediss"), "", "Doorbell for jobs on many machines. Empty: a file.", True),
    Variable(
        "SMTP_URL",
        _scheme("smtp", "smtps", "catcher"),
        "catcher://",
        "Outgoing mail: smtp://user:password@host:587?starttls=yes. Each worker opens up to 4 connections, or as many "
        "as &connections= says. catcher:// keeps mails for the mail catcher page.",
        True,
    ),
    Variable(
        "RETURNS_IMAP_URL",
        _scheme("imap", "imaps"),
        "",
        "Mailbox that bounces, complaints and replies come to: imaps://user:password@host/INBOX. With ?move=Read what "
        "was read is moved to that folder; imap://...?tls=starttls for STARTTLS.",
        True,
    ),
    Variable("RETURNS_FOLDER", _text, "", "Maildir or folder into which a mail server delivers what comes back."),
    Variable(
        "RETURNS_WEBHOOKS",
        _pairs,
        "",
        "Providers that may tell of bounces at /returns/NAME/, each with its secret: mailgun=signing-key or "
        "postmark=user:password, separated by commas.",
        True,
    ),
    Variable(
        "SENDING_HOSTS",
        _names,
        "",
        "Names or addresses of the hosts that mail leaves from, separated by commas: SPF and reverse DNS are checked "
        "for them before an email is sent.",
    ),
    Variable("SPAMD_URL", _host_and_port, "", "SpamAssassin's spamd as host:port, which scores emails in preflight."),
    Variable(
        "DNS_SERVERS", _names, "", "Name servers to ask about sending domains and links. Empty: those of the system."
    ),
    Variable("BATON_MAIL_FROM", _text, "Baton <baton@localhost>", "Sender of notices and sign-in mails."),
    Variable("BATON_WORKERS", _number, "1", "Worker processes that `baton up` and `baton work` start."),
    Variable("BATON_DURABLE", _flag, "no", "Survive power loss too: every commit waits for the disk (SQLite)."),
    Variable("BATON_PROXIES", _number, "0", "How many proxies stand in front and set X-Forwarded-For."),
]


def read(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Checked value of every variable by name. Raises BadEnvironment naming the first bad one."""
    source = os.environ if environ is None else environ
    return {variable.name: _value(variable, source) for variable in VARIABLES}


def _value(variable: Variable, environ: Mapping[str, str]) -> Any:
    text = environ.get(variable.name, "") or variable.default
    try:
        return variable.check(text)
    except ValueError as error:
        shown = "as given" if variable.secret else f"to {text!r}"
        raise BadEnvironment(f"{variable.name} cannot be set {shown}: {error}.") from None


def kept_secret(home: Path, name: str) -> str:
    """Secret that lives in BATON_HOME/keys, made on first use and readable by the owner only."""
    path = home / "keys" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def database(url: str, home: Path, *, durable: bool, file: str) -> dict[str, Any]:
    """Django's settings for one database. An empty URL means SQLite in `home`/`file`.

    SQLite: WAL, IMMEDIATE transactions and a 20 s time-out, so that writers queue instead of failing.
    """
    if not url or url.startswith("sqlite"):
        path = urlsplit(url).path if url else str(home / file)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; "
                    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000;"
                    f"PRAGMA secure_delete=ON; PRAGMA synchronous={'FULL' if durable else 'NORMAL'};"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
