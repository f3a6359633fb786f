"""What may be asked of ``POST /v1/predict``, and what does it answer?

Nothing is guessed from a request: extra fields, text for numbers and numbers for text are refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from churnmodel.errors import RequestError
from churnmodel.web.strict_json import dotted, read_json

MOST_ACCOUNTS = 1_000
_KINDS = {bool: "true or false", str: "text", list: "a list", dict: "an object"}
AccountId = Annotated[str, Field(min_length=1, max_length=200)]


class AccountFeatures(BaseModel):
    """One account by its feature values.

    `features` holds every input of the model (``GET /v1/model`` lists them): a number, text for categories,
    or null for unknown. What only sentences quote may be left out.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    account_id: AccountId
    features: dict[str, Any]


class PredictRequest(BaseModel):
    """Either `account_ids` of the latest score table, or `accounts` with their features; at most 1,000.

    `as_of` (YYYY-MM-DD) must be the score table's where accounts are named by id; with features it is the
    date they were known at, and defaults to the score table's.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    account_ids: list[AccountId] | None = Field(default=None, min_length=1, max_length=MOST_ACCOUNTS)
    accounts: list[AccountFeatures] | None = Field(default=None, min_length=1, max_length=MOST_ACCOUNTS)
    as_of: str | None = Field(default=None, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")

    @field_validator("as_of")
    @classmethod
    def _is_a_day(cls, value: str | None) -> str | None:
        if value is not None and not "1900" <= f"{date.fromisoformat(value)}" < "2200":
            raise ValueError("wanted a day from 1900 to 2199")
        return value

    @model_validator(mode="after")
    def _is_one_of_two(self) -> PredictRequest:
        if (self.account_ids is None) == (self.accounts is None):
            raise ValueError("wanted either account_ids or accounts, and not both")
        return self


class Driver(BaseModel):
    """One reason: `points` is what it adds to the risk, of which all reasons sum to risk - base_risk."""

    code: str
    concept: str
    family: str
    direction: Literal["raises", "lowers"]
    points: float = Field(allow_inf_nan=False)
    sentence: str
    feature: str
    value: float | str | None
    actionable: bool


class AccountAnswer(BaseModel):
    """One account. Under notice (`status` ``"leaving"``) its risk is null: that it leaves is known.

    `risk` is the probability of churn by the next renewal, `risk_days` days ahead (90 where terms are short or the
    renewal is unknown); `risks` the probability within 30, 60, ... days, of which none contradicts another. A
    model of a flat table has one horizon, or none it could state: then `risk_days` is null and `risks` empty.
    """

    account_id: str
    status: Literal["at_risk", "young", "leaving"] | None
    leaving_on: str | None
    risk: float | None = Field(ge=0, le=1)
    risk_days: float | None
    risks: dict[str, float]
    base_risk: float | None
    band: Literal["red", "orange", "green"] | None
    health: float | None = Field(ge=0, le=100)
    renews_at: str | None
    mrr: float | None
    drivers: list[Driver]


class ModelName(BaseModel):
    """Which model answered, and within how many days it gives `risks`."""

    name: str
    version: str
    horizons: list[int]


class PredictAnswer(BaseModel):
    """One answer per account asked for, in the order of the request."""

    model: ModelName
    as_of: str
    accounts: list[AccountAnswer]


def read_request(body: bytes) -> PredictRequest:
    """The request in `body`.

    Raises
    ------
    RequestError
        Naming the first wrong field.

    >>> read_request(b'{"account_ids": ["a1"]}').account_ids
    ['a1']
    >>> read_request(b'{"acount_ids": ["a1"]}')
    Traceback (most recent call last):
    churnmodel.errors.RequestError: unknown field. Is 'account_ids' meant?
    """
    value = read_json(body)
    try:
        request = PredictRequest.model_validate(value)
    except ValidationError as cause:
        raise _refusal(cause) from None
    for number, account in enumerate(request.accounts or []):
        for name, given in account.features.items():
            if given is not None and not isinstance(given, str):
                as_number(given, dotted(("accounts", number, "features", name)))
    return request


def as_number(value: Any, at: str) -> float:
    """`value` as a float.

    Raises
    ------
    RequestError
        At `at`, where it is no number (true and false are none), or none a float can hold.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestError(f"wanted a number or null, got {_KINDS.get(type(value), 'something else')}.", at)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise RequestError("wanted a finite number, or null for unknown.", at)
    return number


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that `name` may have meant, or nothing."""
    found = get_close_matches(name, list(known), 1)
    return f" Is {found[0]!r} meant?" if found else ""


def _refusal(cause: ValidationError) -> RequestError:
    errors = sorted(cause.errors(include_url=False), key=lambda error: error["type"] != "extra_forbidden")
    first = errors[0]
    path, kind = first["loc"], first["type"]
    if kind == "extra_forbidden":
        fields = AccountFeatures.model_fields if path[0] == "accounts" else PredictRequest.model_fields
        return RequestError(f"unknown field.{nearest(str(path[-1]), fields)}", dotted(path))
    said = first["msg"].removeprefix("Value error, ")
    if not path:
        return RequestError(
            f"{said}. Send one JSON object.", "account_ids" if kind == "value_error" else "request"
        )
    return RequestError(f"{said}.", dotted(path))
