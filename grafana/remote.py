"""Grafana over HTTP (grafana-api), with errors that say what to do. Blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_api import GrafanaAPI, GrafanaClientError, GrafanaServerError

from sanjian.errors import Misconfigured, NotNow
from sanjian.settings import Settings

#: Longest wait for an answer, in seconds: Grafana answers in milliseconds, a board that is saved in some hundred.
ANSWER_SECONDS = 15.0
#: So that what we push can be changed in the browser, too; what was changed there is brought back by a pull.
_EDITABLE = {"X-Disable-Provenance": "true"}


class Conflict(Exception):
    """Grafana refuses because something there is another one than we think (409, 412). ``status``: Grafana's word for
    it: version-mismatch, name-exists, …"""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Remote:
    """One Grafana. Every call raises Misconfigured (wrong token, refused, wrong address), NotNow (away) or Conflict."""

    def __init__(self, api: GrafanaAPI, url: str) -> None:
        self._api = api
        self._url = url

    @classmethod
    def of(cls, settings: Settings) -> Remote:
        """The one of the settings. Raises Misconfigured when they do not say it."""
        if not settings.grafana_url:
            raise Misconfigured(
                "请设置 SANJIAN_GRAFANA_URL · set SANJIAN_GRAFANA_URL, for instance http://grafana:3000"
            )
        if not settings.grafana_token and not (settings.grafana_user and settings.grafana_password):
            raise Misconfigured(
                "请设置 SANJIAN_GRAFANA_TOKEN（服务账号令牌）· set SANJIAN_GRAFANA_TOKEN (of a service account), or "
                "SANJIAN_GRAFANA_USER and SANJIAN_GRAFANA_PASSWORD"
            )
        address = urlsplit(settings.grafana_url)
        path = address.path.strip("/")
        api = GrafanaAPI(
            settings.grafana_token or (settings.grafana_user, settings.grafana_password),
            host=address.netloc, url_path_prefix=f"{path}/" if path else "", protocol=address.scheme,
            timeout=ANSWER_SECONDS,
        )  # fmt: skip
        api.s.trust_env = False  # a proxy of the environment would see the token
        return cls(api, settings.grafana_url)

    def get(self, path: str) -> Any:
        """What is there; None when it is not (404)."""
        return self._call("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make something."""
        return self._call("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Put something in the place of what is there."""
        return self._call("PUT", path, body)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            return getattr(self._api, method)(path, json=body, headers=_EDITABLE)
        except GrafanaServerError as error:
            raise NotNow(f"Grafana 出错 · Grafana answers {error.status_code} to {method} {path}: {error}") from error
        except GrafanaClientError as error:
            if error.status_code == 404 and method == "GET":
                return None
            raise _refused(error, method, path) from error
        except requests.exceptions.SSLError as error:
            raise Misconfigured(
                f"{self._url} 的证书不可信 · the certificate of {self._url} is not trusted; set REQUESTS_CA_BUNDLE"
            ) from error
        except (requests.exceptions.ConnectionError, requests.exceptions.Timeout) as error:
            raise NotNow(f"连不上 Grafana · {self._url} does not answer ({type(error).__name__})") from error
        except requests.exceptions.RequestException as error:
            raise Misconfigured(
                f"{self._url} 不是 Grafana · {self._url} does not answer like Grafana; check SANJIAN_GRAFANA_URL"
            ) from error


def _refused(error: GrafanaClientError, method: str, path: str) -> Misconfigured | Conflict:
    said = error.response if isinstance(error.response, dict) else {}
    match error.status_code:
        case 401:
            return Misconfigured(
                "Grafana 不认令牌或密码 · Grafana does not know the token or password: make a service account with "
                "role Admin and set SANJIAN_GRAFANA_TOKEN"
            )
        case 403:
            return Misconfigured(
                f"令牌权限不足 · the token may not {method} {path}: the service account needs the role Admin"
            )
        case 409 | 412:
            return Conflict(str(said.get("status", "")), str(said.get("message", error)))
        case _:
            return Misconfigured(f"Grafana 拒绝 · Grafana refuses {method} {path} ({error.status_code}): {error}")
