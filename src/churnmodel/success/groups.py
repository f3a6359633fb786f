"""Which accounts stand together? (by entry cohort, contract size, segment, owner or tier)

Each account is in one group, the same in every month shown, so that sums over groups are those of the whole, and
an account that grows is expansion in its group and no migration between two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import SettingsError
from churnmodel.settings.tiers import TIERS, TierSettings
from churnmodel.sources.database import Database
from churnmodel.success.ledger import Ledger
from churnmodel.success.months import local
from churnmodel.success.opening_tiers import opening_tiers

By = Literal["cohort", "size", "segment", "owner", "tier"]
Entry = Literal["year", "quarter", "month"]
ALL, NONE = "all", "(none)"
COLUMNS = {"segment": "segment", "owner": "csm"}


def groups_of(
    db: Database,
    ledger: Ledger,
    by: str | None,
    opens: int,
    *,
    entry: Entry = "year",
    size_bands: Sequence[float] = (),
    currency: str = "USD",
    tiers: TierSettings | None = None,
) -> pd.Series:
    """The group of every account of the ledger, an ordered categorical indexed by account_id.

    Parameters
    ----------
    by
        ``"cohort"``: when its first tenure began. ``"size"``: its MRR at edge `opens`, else the last it paid
        before, else the first after. ``"segment"``, ``"owner"``: what `accounts` says, as known before the
        ledger's ``as_of``; the owner is the csm of that day, so an account that changes hands takes its past
        along. ``"tier"``: by the rules of `tiers` at edge `opens` (`churnmodel.success.opening_tiers`), never as
        they are today. None: all in one.
    size_bands
        MRR at which one size ends and the next begins; none: thirds of the accounts that pay at edge `opens`
        (or, where nobody does, of all), rounded to two digits.

    Raises
    ------
    SettingsError
        `by` is none of these.
    """
    if by is None:
        return _ordered(pd.Series(ALL, index=ledger.accounts), [ALL])
    if by == "cohort":
        return _ordered(entry_cohorts(ledger, entry))
    if by == "size":
        return _by_size(ledger, opens, size_bands, currency)
    if by == "tier":
        found = opening_tiers(db, ledger, opens, contract_cents(ledger, opens), tiers or TierSettings())
        return _ordered(found.fillna(NONE), [*TIERS, NONE])
    if by not in COLUMNS:
        raise SettingsError(f"--by {by!r}: wanted one of {', '.join(get_args(By))}")
    cut = db.cut(ledger.as_of)
    accounts = cut.table("accounts")
    said = cut.run(accounts.select("account_id", group=accounts[COLUMNS[by]])).drop_duplicates("account_id")
    found = said.set_index("account_id")["group"].reindex(ledger.accounts).fillna(NONE).astype(str)
    return _ordered(found.replace(ALL, f"{ALL} ({by})"))  # "all" is the whole, whatever a table calls so


def entry_cohorts(ledger: Ledger, entry: Entry = "year") -> pd.Series:
    """When each account's first tenure began, by the company's clocks: ``2024``, ``2024-Q3`` or ``2024-08``."""
    first = ledger.tenures[ledger.tenures["tenure"] == 1].set_index("account_id")["began_at"]
    began = local(first.reindex(ledger.accounts), ledger.months.timezone)
    if entry == "quarter":
        return began.dt.year.astype(str) + "-Q" + began.dt.quarter.astype(str)
    return began.dt.strftime({"year": "%Y", "month": "%Y-%m"}[entry])


def _by_size(ledger: Ledger, opens: int, bands: Sequence[float], currency: str) -> pd.Series:
    cents = contract_cents(ledger, opens)
    if not bands:
        paying = ledger.mrr[:, opens] if ledger.mrr[:, opens].any() else cents
        if not paying.any():
            return _ordered(pd.Series(NONE, index=ledger.accounts))
        thirds = np.quantile(paying[paying > 0], [1 / 3, 2 / 3])
        bands = sorted({_two_digits(float(third) / 100) for third in thirds} - {0.0})
    names = [f"under {bands[0]:,g} {currency}"]
    names += [f"{low:,g} to {high:,g} {currency}" for low, high in pairwise(bands)]
    names.append(f"{bands[-1]:,g} {currency} and more")
    place = np.searchsorted(np.array([round(b * 100) for b in bands]), cents, side="right")
    found = pd.Series([names[k] for k in place], index=ledger.accounts)
    return _ordered(found.where(cents > 0, NONE), [*names, NONE])


def contract_cents(ledger: Ledger, opens: int) -> NDArray[np.float64]:
    """MRR at an edge, else the last before it that is not 0, else the first after; 0: never paid at an edge."""
    before = pd.DataFrame(ledger.mrr[:, : opens + 1]).replace(0, np.nan).ffill(axis=1).iloc[:, -1]
    after = pd.DataFrame(ledger.mrr[:, opens:]).replace(0, np.nan).bfill(axis=1).iloc[:, 0]
    return before.fillna(after).fillna(0).to_numpy(dtype=np.float64)


def _two_digits(amount: float) -> float:
    return 0.0 if amount <= 0 else round(amount, 1 - math.floor(math.log10(amount)))


def _ordered(groups: pd.Series, names: Sequence[str] | None = None) -> pd.Series:
    there = set(groups.unique())
    order = list(names) if names is not None else [*sorted(there - {NONE}), NONE]
    order = [name for name in order if name in there]
    return groups.astype(pd.CategoricalDtype(order, ordered=True)).rename("group")
