"""Which CSM does somebody mean? (by name, in any case)"""

from __future__ import annotations

import pandas as pd

from churnmodel.errors import SettingsError
from churnmodel.workflow.project import Project


def csm_named(wanted: str, csms: pd.Series) -> str:
    """The name as the accounts have it.

    Parameters
    ----------
    csms
        Of each account, also one the act does not list; missing where nobody looks after it.

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


def all_csms(project: Project, as_of: pd.Timestamp) -> pd.Series:
    """The CSM of every account known before `as_of`, of those that left too: whom an act may be asked about."""
    cut = project.db.cut(as_of)
    if not cut.has("accounts"):
        return pd.Series(dtype="object", name="csm")
    return cut.run(cut.table("accounts").select("csm"))["csm"].sort_values(ignore_index=True)
