"""Requests that must be refused, each with the status and the field its refusal names."""

from __future__ import annotations

import json
from typing import Any

GOOD: dict[str, Any] = {
    "active_users_28d": 3, "active_users_previous_28d": 9.0, "overdue_amount": 120.5, "nps_latest": None,
    "tenure_days": 400, "plan": "pro", "days_to_renewal": 45, "term_months": 12,
}  # fmt: skip
JSON = "application/json"


def by_features(**changes: Any) -> dict[str, Any]:
    """A good request by features, some values changed; `...` takes one away."""
    features = {name: value for name, value in (GOOD | changes).items() if value is not ...}
    return {"accounts": [{"account_id": "new-1", "features": features}]}


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def raw(feature_value: str) -> bytes:
    """A good request, but for the bytes of one value."""
    return text(by_features(nps_latest="HERE")).replace(b'"HERE"', feature_value.encode())


NPS = "accounts.0.features.nps_latest"
ONE = {"account_id": "new-1", "features": GOOD}

# name: (body, status, field)
BODIES: dict[str, tuple[bytes, int, str]] = {
    "empty body": (b"", 400, "body"),
    "blank body": (b"  \n", 400, "body"),
    "half an object": (b'{"account_ids": ["acc-00001"', 400, "body"),
    "two values": (b'{"account_ids": ["acc-00001"]} {}', 400, "body"),
    "single quotes": (b"{'account_ids': ['acc-00001']}", 400, "body"),
    "trailing comma": (b'{"account_ids": ["acc-00001"],}', 400, "body"),
    "a comment": (b'{"account_ids": ["acc-00001"]} // hello', 400, "body"),
    "form text": (b"account_ids=acc-00001", 400, "body"),
    "not UTF-8": (b'{"account_ids": ["\xff\xfe"]}', 400, "body"),
    "UTF-16": ('{"account_ids": ["acc-00001"]}'.encode("utf-16"), 400, "body"),
    "byte order mark": (b'\xef\xbb\xbf{"account_ids": ["acc-00001"]}', 400, "body"),
    "a NUL": (b"\x00", 400, "body"),
    "control character in text": (b'{"account_ids": ["a\x01"]}', 400, "body"),
    "bad escape": (b'{"account_ids": ["\\x41"]}', 400, "body"),
    "nested 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, 400, "body"),
    "objects nested 50,000 deep": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "body"),
    "pickle": (b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.", 400, "body"),
    "null": (b"null", 422, "request"),
    "a list": (b'["acc-00001"]', 422, "request"),
    "a number": (b"7", 422, "request"),
    "text": (b'"acc-00001"', 422, "request"),
    "NaN": (b"NaN", 422, "request"),
    "an empty object": (b"{}", 422, "account_ids"),
    "neither": (text({"as_of": "2026-03-01"}), 422, "account_ids"),
    "both": (text({"account_ids": ["acc-00001"], "accounts": [ONE]}), 422, "account_ids"),
    "misspelt field": (text({"acount_ids": ["acc-00001"]}), 422, "acount_ids"),
    "extra field": (text({"account_ids": ["acc-00001"], "explain": True}), 422, "explain"),
    "extra field in an account": (text({"accounts": [ONE | {"mrr": 3}]}), 422, "accounts.0.mrr"),
    "ids no list": (text({"account_ids": "acc-00001"}), 422, "account_ids"),
    "ids an object": (text({"account_ids": {"0": "acc-00001"}}), 422, "account_ids"),
    "ids empty": (text({"account_ids": []}), 422, "account_ids"),
    "accounts empty": (text({"accounts": []}), 422, "accounts"),
    "accounts an object": (text({"accounts": ONE}), 422, "accounts"),
    "an id that is a number": (text({"account_ids": ["acc-00001", 7]}), 422, "account_ids.1"),
    "an id that is null": (text({"account_ids": [None]}), 422, "account_ids.0"),
    "an id that is a list": (text({"account_ids": [["acc-00001"]]}), 422, "account_ids.0"),
    "an id that is NaN": (b'{"account_ids": [NaN]}', 422, "account_ids.0"),
    "an empty id": (text({"account_ids": [""]}), 422, "account_ids.0"),
    "an endless id": (text({"account_ids": ["a" * 201]}), 422, "account_ids.0"),
    "an unknown id": (text({"account_ids": ["acc-00001", "acc-99999"]}), 422, "account_ids.1"),
    "an id with a space": (text({"account_ids": ["acc-00001 "]}), 422, "account_ids.0"),
    "an id asked for twice": (text({"account_ids": ["acc-00001", "acc-00001"]}), 422, "account_ids.1"),
    "1,001 ids": (text({"account_ids": [f"a{n}" for n in range(1001)]}), 422, "account_ids"),
    "1,001 accounts": (text({"accounts": [ONE] * 1001}), 422, "accounts"),
    "the same account twice": (text({"accounts": [ONE, ONE]}), 422, "accounts.1.account_id"),
    "an account without id": (text({"accounts": [{"features": GOOD}]}), 422, "accounts.0.account_id"),
    "an account without features": (text({"accounts": [{"account_id": "x"}]}), 422, "accounts.0.features"),
    "features a list": (text({"accounts": [{"account_id": "x", "features": [1]}]}), 422, "accounts.0.features"),
    "features null": (text({"accounts": [{"account_id": "x", "features": None}]}), 422, "accounts.0.features"),
    "an account null": (text({"accounts": [None]}), 422, "accounts.0"),
    "a missing feature": (text(by_features(nps_latest=...)), 422, NPS),
    "no feature": (text({"accounts": [{"account_id": "x", "features": {}}]}), 422,
                   "accounts.0.features.active_users_28d"),
    "an unknown feature": (text(by_features(nps_lastest=3)), 422, "accounts.0.features.nps_lastest"),
    "an empty feature name": (text(by_features(**{"": 3})), 422, 'accounts.0.features.""'),
    "NaN for a number": (raw("NaN"), 422, NPS),
    "Infinity": (raw("Infinity"), 422, NPS),
    "-Infinity": (raw("-Infinity"), 422, NPS),
    "1e999": (raw("1e999"), 422, NPS),
    "an integer of 400 digits": (raw("9" * 400), 422, NPS),
    "an integer of 10,000 digits": (raw("9" * 10_000), 422, NPS),
    "a number as text": (raw('"9"'), 422, NPS),
    "nan as text": (raw('"nan"'), 422, NPS),
    "true": (raw("true"), 422, NPS),
    "a list of a number": (raw("[9]"), 422, NPS),
    "an object": (raw('{"value": 9}'), 422, NPS),
    "a number for text": (text(by_features(plan=3)), 422, "accounts.0.features.plan"),
    "a bool for text": (text(by_features(plan=False)), 422, "accounts.0.features.plan"),
    "a bool for a context feature": (text(by_features(active_users_previous_28d=True)), 422,
                                     "accounts.0.features.active_users_previous_28d"),
    "a lone surrogate": (raw('"\\ud800"'), 422, NPS),
    "a lone surrogate in an id": (b'{"account_ids": ["\\udfff"]}', 422, "account_ids.0"),
    "a key twice": (b'{"account_ids": ["acc-00001"], "account_ids": ["acc-00002"]}', 422, "account_ids"),
    "a feature twice": (raw('1, "nps_latest": 2'), 422, NPS),
    "as_of no date": (text({"account_ids": ["acc-00001"], "as_of": "yesterday"}), 422, "as_of"),
    "as_of no day": (text({"account_ids": ["acc-00001"], "as_of": "2026-02-30"}), 422, "as_of"),
    "as_of with a time": (text({"account_ids": ["acc-00001"], "as_of": "2026-03-01T00:00:00"}), 422, "as_of"),
    "as_of a number": (text({"account_ids": ["acc-00001"], "as_of": 20260301}), 422, "as_of"),
    "as_of with a line break": (text({"account_ids": ["acc-00001"], "as_of": "2026-03-01\n"}), 422, "as_of"),
    "as_of another day": (text({"account_ids": ["acc-00001"], "as_of": "2026-02-01"}), 422, "as_of"),
    "as_of the year 1": (text(by_features() | {"as_of": "0001-01-01"}), 422, "as_of"),
}  # fmt: skip

# name: (headers, body, status, field)
HEADERS: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "no content type": ({"content-type": ""}, text(by_features()), 415, "content-type"),
    "text/plain": ({"content-type": "text/plain"}, text(by_features()), 415, "content-type"),
    "form": ({"content-type": "application/x-www-form-urlencoded"}, b"a=b", 415, "content-type"),
    "multipart cut short": ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\n", 415, "content-type"),
    "multipart without boundary": ({"content-type": "multipart/form-data"}, b"--x", 415, "content-type"),
    "pickle": ({"content-type": "application/vnd.bentoml+pickle"}, b"\x80\x04N.", 415, "content-type"),
    "latin-1": ({"content-type": "application/json; charset=latin-1"}, text(by_features()), 415, "content-type"),
    "gzip": ({"content-type": JSON, "content-encoding": "gzip"}, b"\x1f\x8b\x08", 415, "content-encoding"),
    "a foreign host": ({"content-type": JSON, "host": "evil.example"}, text(by_features()), 421, "host"),
    "a rebound host": ({"content-type": JSON, "host": "127.0.0.1.evil.ex"}, text(by_features()), 421, "host"),
    "a host with a user": ({"content-type": JSON, "host": "localhost@evil.ex"}, text(by_features()), 421, "host"),
}  # fmt: skip
