"""What is turned away before anything reads a request?

No keys exist yet, so the service answers its own machine only: the caller's address and the Host header
must be loopback (the header, since a web page elsewhere can point a name at 127.0.0.1). Bodies are JSON, of
at most 4 MB, and every error that leaves is problem+json, whoever raised it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from churnmodel.errors import RequestError
from churnmodel.web.problems import BODY, PROBLEM_TYPE, Problem, problem_of

LARGEST_BODY = 4 * 1024**2
LARGEST_DRAIN = 4 * LARGEST_BODY  # read and thrown away, so that the sender gets to see the refusal
LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
WHERE = {404: "path", 405: "method", 413: BODY, 415: "content-type"}
SAID = {
    404: "there is nothing at this path. The README lists what is.",
    405: "this path does not take this method. `Allow` lists those it takes.",
    500: "the service failed on this request; its log says why. It goes on serving.",
    503: "not ready. Ask /readyz again in a moment.",
}


class Gate:
    """An ASGI app that lets through what may be read, with its body complete.

    Parameters
    ----------
    bodies
        Per path, a reader that raises `RequestError` on a body the path cannot take.
    """

    def __init__(self, app: ASGIApp, bodies: Mapping[str, Callable[[bytes], object]]) -> None:
        self.app = app
        self.bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = _foreign(scope, headers)
        if problem is None and scope["method"] in WITH_BODY:
            problem = _not_json(headers)
            body = b"" if problem else await _body(headers, receive)
            if isinstance(body, Problem):
                problem = body
            elif problem is None:
                problem = self._unreadable(scope["path"], body)
                receive = _replay(body, receive)
        if problem is not None:
            await problem.response()(scope, receive, send)
            return
        await self.app(scope, receive, _errors_as_problems(send))

    def _unreadable(self, path: str, body: bytes) -> Problem | None:
        read = self.bodies.get(path)
        if read is None:
            return None
        try:
            read(body)
        except RequestError as error:
            return problem_of(error)
        return None


def _foreign(scope: Scope, headers: Headers) -> Problem | None:
    client = scope.get("client")
    if client is not None and not _is_loopback(client[0]):
        return Problem(403, "without keys the service answers its own machine only.", "client")
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not LOOPBACK_HOST.fullmatch(hosts[0]):
        return Problem(421, "wanted the Host header localhost, 127.0.0.1 or [::1].", "host")
    return None


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _not_json(headers: Headers) -> Problem | None:
    kind, _, parameter = headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json" or (
        parameter.strip() and not re.fullmatch(r'\s*charset="?utf-?8"?\s*', parameter, re.IGNORECASE)
    ):
        return Problem(415, "wanted content-type application/json (UTF-8).", "content-type")
    if headers.get("content-encoding", "identity").lower() != "identity":
        return Problem(415, "compressed bodies are not read. Send plain JSON.", "content-encoding")
    return None


async def _body(headers: Headers, receive: Receive) -> bytes | Problem:
    """The whole body; a Problem where it is too large. Sent in chunks it is counted as it comes."""
    too_large = Problem(
        413, f"the body is over {LARGEST_BODY} bytes. Ask in parts.", BODY, {"connection": "close"}
    )
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced[:12]) > LARGEST_DRAIN:
        return too_large
    parts: list[bytes] = []
    size = 0
    while size <= LARGEST_DRAIN:
        message = await receive()
        if message["type"] == "http.disconnect":
            return Problem(400, "the body broke off.", BODY)
        part = message.get("body", b"")
        size += len(part)
        parts = [*parts, part] if size <= LARGEST_BODY else []
        if not message.get("more_body", False):
            return b"".join(parts) if size <= LARGEST_BODY else too_large
    return too_large


def _replay(body: bytes, receive: Receive) -> Receive:
    unread = [body]

    async def replayed() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return replayed


def _errors_as_problems(send: Send) -> Send:
    """`send`, except that the text of an error that is no problem+json is replaced by one that is."""
    replaced = False

    async def problems_only(message: Message) -> None:
        nonlocal replaced
        if message["type"] == "http.response.start" and message["status"] >= 400:
            headers = Headers(raw=message["headers"])
            if headers.get("content-type", "") != PROBLEM_TYPE:
                replaced = True
                status = message["status"]
                kept = {name: headers[name] for name in ("allow", "retry-after") if name in headers}
                said = SAID.get(status, "the request cannot be answered as it is.")
                answer = Problem(status, said, WHERE.get(status, "request"), kept).response()
                await send({"type": "http.response.start", "status": status, "headers": answer.raw_headers})
                await send({"type": "http.response.body", "body": answer.body})
        if not replaced:
            await send(message)

    return problems_only
