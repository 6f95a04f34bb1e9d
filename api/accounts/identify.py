"""Who makes a call: a machine by its access token, or a person by the cookie of a session.

An Authorization header always decides: with a wrong one nobody falls back to the cookie. A cookie is sent by a browser
on its own, so a call with it that changes something, and every websocket, must come from our own pages.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from api.accounts.accounts import Accounts
from api.accounts.addresses import address_of
from api.accounts.keys import hashed, same
from api.accounts.principal import Principal
from api.accounts.sessions import csrf_token
from api.accounts.tables import Client, User
from api.accounts.visible import Directory
from api.errors import ApiError
from sanjian.settings import Settings

CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Grafana's webhook has nothing to get a token with: here a machine shows id and secret (RFC 7617).
_BASIC_PATHS = frozenset({"/api/v1/grafana/alerts"})
#: Where tokens do not belong: they would end up in logs.
_NOT_IN_URL = ("token", "access_token", "client_secret", "password")


def cookie_name(settings: Settings) -> str:
    """The session cookie's name. ``__Host-``: browsers take it over TLS only, for this host and every path."""
    return "__Host-sanjian" if settings.tls else "sanjian"


def identify(connection: HTTPConnection, accounts: Accounts, directory: Directory, settings: Settings) -> Principal:
    """Who calls. Blocks; raises ApiError no_token, bad_token, no_session, csrf, address, token_in_url."""
    if any(name in connection.query_params for name in _NOT_IN_URL):
        raise ApiError("token_in_url")
    header = connection.headers.get("authorization")
    if header is not None:
        address = address_of(connection, settings.proxies)
        if connection.url.path in _BASIC_PATHS and header[:6].lower() == "basic ":
            return _basic(header[6:], address, accounts, directory)
        return _machine(header, address, accounts, directory)
    cookie = connection.cookies.get(cookie_name(settings))
    if not cookie:
        raise ApiError("no_token")
    user = accounts.sessions.find(cookie)
    if user is None:
        raise ApiError("no_session")
    from_our_pages(connection, settings)
    if connection.scope["type"] == "http" and connection.scope["method"] not in _SAFE:
        given = connection.headers.get(CSRF_HEADER, "")
        if not same(given, csrf_token(cookie)):
            raise ApiError("csrf")
    return principal_of(user, directory, hashed(cookie))


def principal_of(one: User | Client, directory: Directory, key: str = "") -> Principal:
    """A user or client as the one who calls; ``key``: the hash of what was shown."""
    orgs = directory.visible(one.assignment)
    if isinstance(one, User):
        return Principal(one.assignment, one.name, orgs, "user", one.id, one.must_change, key)
    return Principal(one.assignment, one.label, orgs, "client", one.id, key=key)


def from_our_pages(connection: HTTPConnection, settings: Settings) -> None:
    """Raises ApiError csrf when a browser says that another site's page makes an unsafe call or opens a websocket."""
    websocket = connection.scope["type"] == "websocket"
    if not websocket and connection.scope["method"] in _SAFE:
        return
    origin = connection.headers.get("origin")
    if origin is None:
        if websocket or connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise ApiError("csrf")  # every browser sends an origin when it opens a websocket
        return
    if settings.tls:  # a page that came over plain HTTP may have been written on its way
        ours = origin == settings.public_url
    else:
        names = {connection.headers.get("host", ""), urlsplit(settings.public_url).netloc}
        ours = urlsplit(origin).netloc in names - {""}
    if not ours:
        raise ApiError("csrf")


def _basic(given: str, address: str, accounts: Accounts, directory: Directory) -> Principal:
    try:
        ident, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ApiError("bad_token") from error
    client = accounts.tokens.known(ident, secret, address)
    if client is None:
        raise ApiError("bad_token")
    return principal_of(client, directory)


def _machine(header: str, address: str, accounts: Accounts, directory: Directory) -> Principal:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError("no_token")
    client = accounts.tokens.find(token.strip(), address)
    if client is None:
        raise ApiError("bad_token")
    return principal_of(client, directory, hashed(token.strip()))
