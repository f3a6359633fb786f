"""Which feature row stands for each account of a request?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import RequestError
from churnmodel.features.feature import Feature
from churnmodel.web.contract import AccountFeatures, as_number, nearest
from churnmodel.web.served import Served
from churnmodel.web.strict_json import dotted


def places(served: Served, account_ids: Sequence[str]) -> list[int]:
    """Where each account stands in the score table.

    Raises
    ------
    RequestError
        Where an account is not in the table, or asked for twice.
    """
    _refuse_twice(account_ids, "account_ids.{}")
    found = []
    for number, account in enumerate(account_ids):
        place = served.place_of.get(account)
        if place is None:
            hint = nearest(account, served.place_of) if len(served.place_of) <= 10_000 else ""
            raise RequestError(
                f"no account {account!r} in the score table of {served.table.as_of}.{hint}",
                f"account_ids.{number}",
            )
        found.append(place)
    return found


def matrix(served: Served, accounts: Sequence[AccountFeatures], as_of: pd.Timestamp) -> pd.DataFrame:
    """The feature matrix of `accounts`, indexed by snapshot.

    Raises
    ------
    RequestError
        Where an input is missing, a name is unknown, or a value is none its feature can have.
    """
    _refuse_twice([account.account_id for account in accounts], "accounts.{}.account_id")
    features = {feature.name: feature for feature in served.scorer.features}
    rows = []
    for number, account in enumerate(accounts):
        at = f"accounts.{number}.features"
        for name in account.features:
            if name not in features:
                raise RequestError(
                    f"the model knows no such feature.{nearest(name, features)}", dotted((at, name))
                )
        for name in served.scorer.bundle.manifest.inputs:
            if name not in account.features:
                raise RequestError("missing; the model reads it. Send null if it is unknown.", f"{at}.{name}")
        rows.append([_value(f, account.features.get(name), f"{at}.{name}") for name, f in features.items()])
    index = pd.MultiIndex.from_arrays(
        [[account.account_id for account in accounts], [as_of] * len(accounts)], names=["account_id", "as_of"]
    )
    columns = zip(*rows, strict=True)
    kinds = [object if feature.is_category else np.float64 for feature in features.values()]
    return pd.DataFrame(
        {
            name: pd.Series(list(column), index=index, dtype=kind)
            for name, column, kind in zip(features, columns, kinds, strict=True)
        }
    )


def _value(feature: Feature, value: Any, at: str) -> float | str | None:
    if feature.is_category:
        if value is None or isinstance(value, str):
            return value
        raise RequestError("wanted text or null.", at)
    return math.nan if value is None else as_number(value, at)


def _refuse_twice(account_ids: Sequence[str], where: str) -> None:
    first: dict[str, int] = {}
    for number, account in enumerate(account_ids):
        if first.setdefault(account, number) != number:
            raise RequestError(
                f"{account!r} is asked for twice, first at {first[account]}. Ask for it once.",
                where.format(number),
            )
