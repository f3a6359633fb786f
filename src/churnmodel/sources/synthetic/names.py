"""What are the accounts called, and who looks after them? All names are made up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import stream
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
_INDUSTRIES = (
    "software", "manufacturing", "retail", "health", "media", "finance", "logistics", "education",
)
_COUNTRIES = (
    "US", "US", "US", "GB", "DE", "FR", "NL", "CA", "AU", "SE",
)


def account_ids(accounts: int) -> pd.Index:
    """``A0001`` and so on.

    >>> list(account_ids(2))
    ['A0001', 'A0002']
    """
    return pd.Index([f"A{i:04d}" for i in range(1, accounts + 1)], dtype="str", name="account_id")


def build_accounts(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """The accounts table in contract columns; entered by sales up to two weeks before service begins."""
    n = history.accounts
    u = stream(seed, "account facts").random((4, n))
    csms = [f"{first} {last}" for first, last in zip(_FIRST, _LAST, strict=True)]
    csms = csms[: int(np.clip(n // 75, 3, len(csms)))]
    entered = history.traits.arrives - 1 - (13 * u[0]).astype(np.int64)
    return pd.DataFrame(
        {
            "account_id": ids,
            "created_at": history.calendar.moments(entered, (8 * 3600 + 36_000 * u[1]).astype(np.int64)),
            "name": _company_names(n, seed),
            "segment": np.array(SEGMENTS)[history.traits.segment],
            "industry": np.array(_INDUSTRIES)[(len(_INDUSTRIES) * u[2]).astype(np.int64)],
            "country": np.array(_COUNTRIES)[(len(_COUNTRIES) * u[3]).astype(np.int64)],
            "csm": np.array(csms)[stream(seed, "csm").integers(0, len(csms), n)],
            "parent_account_id": pd.Series([None] * n, dtype="str"),
        }
    )


def _company_names(n: int, seed: int) -> list[str]:
    """`n` different names of two or three syllables and a line of business."""
    rng = stream(seed, "company names")
    stems = [head + middle + tail for head in _HEADS for middle in _MIDDLES for tail in _TAILS]
    chosen = rng.permutation(len(stems))[:n]
    kinds = rng.integers(0, len(_KINDS), n)
    return [f"{stems[s]} {_KINDS[k]}" for s, k in zip(chosen.tolist(), kinds.tolist(), strict=True)]
