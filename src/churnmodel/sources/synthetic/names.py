"""What are the accounts called, and who looks after them? All names are made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.sources.synthetic.causes import Days, stream
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.traits import SEGMENTS

_HEADS = (
    "Bel", "Cor", "Dra", "Fen", "Gal", "Hol", "Ister", "Jun", "Kel", "Lum", "Mar", "Nor", "Ost",
    "Pell", "Quar", "Rav", "Sol", "Tam", "Ul", "Vex", "Wyn", "Yar", "Zan", "Ard",
)
_MIDDLES = (
    "a", "e", "i", "o", "u", "ara", "ido", "une", "ova", "eri", "alo", "ina",
)
_TAILS = (
    "bek", "dal", "fern", "gard", "lox", "mont", "nix", "pra", "quil", "rune", "sted", "tis",
    "vane", "wick", "xa", "zor",
)
_KINDS = (
    "Logistics", "Foods", "Labs", "Media", "Systems", "Clinics", "Textiles", "Energy", "Freight",
    "Partners", "Robotics", "Studios",
)
_FIRST = (
    "Ines", "Tomasz", "Leila", "Oskar", "Priya", "Mateo", "Hanne", "Kofi", "Yuki", "Dario",
)
_LAST = (
    "Varga", "Lindqvist", "Obando", "Terzi", "Marrow", "Hale", "Quist", "Ferro", "Anand", "Brandt",
)
_MANAGERS = (
    "Greta Olin", "Ruben Castel", "Amara Diallo", "Piet Vos",
)
_INDUSTRIES = (
    "software", "manufacturing", "retail", "health", "media", "finance", "logistics", "education",
)
_COUNTRIES = (
    "US", "US", "US", "GB", "DE", "FR", "NL", "CA", "AU", "SE",
)


def account_ids(accounts: int) -> pd.Index:
    """``A0001`` and so on, all of one length.

    >>> list(account_ids(2))
    ['A0001', 'A0002']
    """
    width = max(4, len(str(accounts)))
    return pd.Index([f"A{i:0{width}d}" for i in range(1, accounts + 1)], dtype="str", name="account_id")


def countries(accounts: int, seed: int) -> NDArray[np.str_]:
    """Where each account is at home; (n,)."""
    u = stream(seed, "account facts").random((4, accounts))[3]
    return np.array(_COUNTRIES)[(len(_COUNTRIES) * u).astype(np.int64)]


def csms_of(accounts: int, seed: int) -> NDArray[np.str_]:
    """The customer success manager of each account, one for about 75; (n,)."""
    count = int(np.clip(accounts // 75, 3, len(_FIRST) * len(_LAST)))
    pairs = [(k % len(_FIRST), (k + k // len(_FIRST)) % len(_LAST)) for k in range(count)]
    names = np.array([f"{_FIRST[first]} {_LAST[last]}" for first, last in pairs])
    return names[stream(seed, "csm").integers(0, count, accounts)]


def build_accounts(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """The accounts table in contract columns; entered by sales up to two weeks before service begins."""
    n, segment = history.accounts, history.traits.segment
    u = stream(seed, "account facts").random((4, n))
    more = stream(seed, "account attributes")
    cost = np.exp(np.log(np.array([18_000.0, 4_500.0, 900.0]))[segment] + 0.6 * more.standard_normal(n))
    strategic, referenceable, manager = more.random((3, n))
    entered = history.traits.arrives - 1 - (13 * u[0]).astype(np.int64)
    return pd.DataFrame(
        {
            "account_id": ids,
            "created_at": history.calendar.moments(entered, (8 * 3600 + 36_000 * u[1]).astype(np.int64)),
            "name": _company_names(n, seed),
            "segment": np.array(SEGMENTS)[segment],
            "industry": np.array(_INDUSTRIES)[(len(_INDUSTRIES) * u[2]).astype(np.int64)],
            "country": countries(n, seed),
            "csm": csms_of(n, seed),
            "account_manager": np.array(_MANAGERS)[(len(_MANAGERS) * manager).astype(np.int64)],
            "parent_account_id": _parents(entered, segment, ids, seed),
            "strategic": strategic < np.array([0.30, 0.08, 0.01])[segment],
            "acquisition_cost": cost.round(2),
            "referenceable": referenceable < 0.25,
        }
    )


def _parents(entered: Days, segment: Days, ids: pd.Index, seed: int) -> pd.Series:
    """Some accounts belong to a group whose head, an enterprise that is no one's child, was there before them."""
    heads_group, belongs, which = stream(seed, "parents").random((3, len(ids)))
    heads = np.flatnonzero((segment == 0) & (heads_group < 0.35))
    heads = heads[np.argsort(entered[heads], kind="stable")]
    older = np.searchsorted(entered[heads], entered)
    child = (belongs < 0.09) & (older > 0) & ~np.isin(np.arange(len(ids)), heads)
    parent = pd.Series([None] * len(ids), dtype="str")
    parent[child] = ids[heads[(which * older).astype(np.int64)[child]]]
    return parent


def _company_names(n: int, seed: int) -> list[str]:
    """`n` different names of two or three syllables and a line of business."""
    rng = stream(seed, "company names")
    stems = [head + middle + tail for head in _HEADS for middle in _MIDDLES for tail in _TAILS]
    chosen, number = rng.permutation(len(stems)), np.arange(n)
    kinds = rng.integers(0, len(_KINDS), n)
    # a stem that comes again has another line of business
    kinds = (kinds[number % len(stems)] + number // len(stems)) % len(_KINDS)
    chosen = chosen[number % len(stems)]
    return [f"{stems[s]} {_KINDS[k]}" for s, k in zip(chosen.tolist(), kinds.tolist(), strict=True)]
