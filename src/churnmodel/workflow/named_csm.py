"""Which CSM does somebody mean? (by name, in any case)"""

from __future__ import annotations

import pandas as pd

from churnmodel.errors import SettingsError


def csm_named(wanted: str, csms: pd.Series) -> str:
    """The name as the accounts have it.

    Parameters
    ----------
    csms
        Of each account; missing where nobody looks after it.

    Raises
    ------
    SettingsError
        No account has a CSM of that name; says which there are.

    >>> csm_named("jo berg ", pd.Series(["Ada", "Jo Berg", None]))
    'Jo Berg'
    """
    names = sorted({str(name) for name in csms.dropna() if name != ""})
    for name in names:
        if name.casefold() == wanted.strip().casefold():
            return name
    there = ", ".join(names) or "nobody: accounts name no csm"
    raise SettingsError(f"--csm {wanted!r}: no account has that CSM (there are: {there}).")
