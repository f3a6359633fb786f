"""Does speaking of a theme go with leaving? (an association on earlier days, not a cause)

On each earlier day whose outcomes are known by now, the accounts of the cohort that had said anything in the
window before it are parted by whether they had spoken of the theme, as known then; what became of them is the
label of the project. Shares have intervals over accounts, and so has their difference.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from churnmodel.success.clustered_share import clustered_share, share_among

WITH_LEAVING, WITH_STAYING, UNSHOWN, FEW = "goes with leaving", "goes with staying", "no link shown", "too few"
FEWEST = 10
"""Under so many accounts on either side nothing is said."""
COLUMNS = {
    "theme": "object", "spoke_accounts": "int64", "spoke_left": "float64", "spoke_low": "float64",
    "spoke_high": "float64", "others_accounts": "int64", "others_left": "float64", "difference": "float64",
    "difference_low": "float64", "difference_high": "float64", "link": "object",
}  # fmt: skip


def links_to_leaving(looks: pd.DataFrame, spoke: pd.DataFrame, themes: Iterable[str]) -> pd.DataFrame:
    """`COLUMNS`: who spoke of each theme and left, beside those who spoke of other things.

    Parameters
    ----------
    looks
        account_id, as_of, churned (0.0 or 1.0): accounts that had said anything, whose outcome is known.
    spoke
        account_id, as_of, theme: what each had spoken of.
    """
    churned = looks["churned"].to_numpy(dtype=np.float64)
    account = looks["account_id"].to_numpy(dtype=object)
    codes, accounts = pd.factorize(account)
    at = pd.MultiIndex.from_frame(looks[["account_id", "as_of"]])
    table = []
    for theme in themes:
        own = spoke[spoke["theme"] == theme]
        mine = at.isin(pd.MultiIndex.from_frame(own[["account_id", "as_of"]]))
        told, rest = clustered_share(churned[mine], account[mine]), clustered_share(churned[~mine], account[~mine])
        difference = low = high = float("nan")
        link = FEW
        if min(told.accounts, rest.accounts) >= FEWEST:
            kin = codes.astype(np.int64)
            shares = [share_among(churned, among, kin, len(accounts)) for among in (mine, ~mine)]
            gap = shares[0].minus(shares[1])
            difference, (low, high) = gap.value, gap.interval()
            link = WITH_LEAVING if low > 0 else WITH_STAYING if high < 0 else UNSHOWN
        table.append(
            {
                "theme": theme, "spoke_accounts": told.accounts, "spoke_left": told.value, "spoke_low": told.low,
                "spoke_high": told.high, "others_accounts": rest.accounts, "others_left": rest.value,
                "difference": difference, "difference_low": low, "difference_high": high, "link": link,
            }
        )  # fmt: skip
    return pd.DataFrame(table, columns=list(COLUMNS)).astype(COLUMNS)
