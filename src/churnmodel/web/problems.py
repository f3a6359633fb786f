"""How does the service refuse, so that a program and a person both know what to do?

Every refusal is ``application/problem+json`` (RFC 9457) with `type`, `title`, `status`, `detail` and
`field`: the part of the request it is about, as a dotted path.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from churnmodel.errors import RequestError

PROBLEM_TYPE = "application/problem+json"
BODY = "body"


@dataclasses.dataclass(frozen=True)
class Problem:
    """One refusal. `field` names a place in the body, a header, ``"path"``, ``"method"`` or ``"body"``."""

    status: int
    detail: str
    field: str
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def response(self) -> Response:
        """The refusal as it goes over the wire. ASCII only, so no text in it can break the encoding."""
        content = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail[:600],
            "field": self.field[:200],
        }
        return Response(json.dumps(content), self.status, dict(self.headers), media_type=PROBLEM_TYPE)


def problem_of(error: RequestError) -> Problem:
    """400 where the body is not JSON at all, 422 where it is JSON that cannot be answered."""
    return Problem(400 if error.field == BODY else 422, str(error), error.field)
