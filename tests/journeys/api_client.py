"""A client of the portal that knows nothing but HTTP: what another front end would be."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.journeys.running import RunningPortal


@dataclass
class ApiClient:
    """Speaks to `/api/v1/` and to allauth's app client; keeps the session token it is given."""

    portal: RunningPortal
    email: str = ""
    token: str = ""
    http: requests.Session = field(default_factory=requests.Session)

    def join(self, email: str) -> None:
        """Sign up with an address and the code that comes by mail."""
        self.email = email
        self._auth("signup", {"email": email}, expect=401)
        self._auth("email/verify", {"key": self.portal.code_for(email)})

    def sign_in(self, email: str, password: str) -> None:
        """As staff do: a password, then the six digits of their app."""
        self._auth("login", {"email": email, "password": password}, expect=401)
        self._auth("2fa/authenticate", {"code": self.portal.digits_for(email)})

    def get(self, path: str, /, *, expect: int = 200, **query: Any) -> Any:
        return self._send("GET", path, expect, params=query)

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, expect: int = 200, key: str = ""
    ) -> Any:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._send("POST", path, expect, json=body or {}, headers=headers)

    def _send(self, method: str, path: str, expect: int, **more: Any) -> Any:
        headers = {**more.pop("headers", {}), **self._proof()}
        url = f"{self.portal.url}/api/v1/{path}"
        answer = self.http.request(method, url, headers=headers, timeout=30, **more)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _proof(self) -> dict[str, str]:
        return {"X-Session-Token": self.token} if self.token else {}

    def _auth(self, step: str, body: dict[str, Any], *, expect: int = 200) -> None:
        answer = self.http.post(
            f"{self.portal.url}/_allauth/app/v1/auth/{step}",
            json=body,
            headers=self._proof(),
            timeout=30,
        )
        assert answer.status_code == expect, f"{step}: {answer.status_code} {answer.text}"
        self.token = answer.json()["meta"].get("session_token", self.token)
