"""Which tables does the company have, which are silent, and what can therefore not be told?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from churnmodel.explanation.formats import print_date
from churnmodel.features.catalog import CATALOG, lacking
from churnmodel.features.coverage import FAMILIES
from churnmodel.settings.rollout import RolloutSettings
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds
from churnmodel.sources.schemas import CONTRACT

FRESH, STALE, ABSENT, EMPTY = "there", "stale", "absent", "empty"
COLUMNS = ["table", "wanted", "status", "last_on", "silent_days", "families", "words"]
OF_THE_LAYER = {
    "exits": "exit reasons (win-back)",
    "interventions": "what was tried before",
    "external_scores": "the score you use today",
    "users": "champions and seats in use",
    "touchpoints": "cadences, milestones, champions that left",
    "goals": "goals and first value",
}
"""What a table gives the customer-success layer, beside features."""


def feeds_table(db: Database, as_of: pd.Timestamp, feeds: Feeds, rules: RolloutSettings) -> pd.DataFrame:
    """Each optional table of the contract as it was known before `as_of`.

    Returns
    -------
    DataFrame
        table, wanted (``rollout.feeds`` names it), status (``"there"``, ``"stale"``: no row for more than
        ``rollout.stale_days``, or an outage that goes on; ``"empty"``, ``"absent"``), last_on (its latest row),
        silent_days, families (of signals it feeds) and words.
    """
    fed = families_fed(db)
    rows: list[tuple[object, ...]] = []
    for name, schema in CONTRACT.items():
        if schema.required or name == "rates":
            continue
        wanted = name in rules.feeds
        families = fed.get(name, ())
        if not db.has(name):
            rows.append((name, wanted, ABSENT, pd.NaT, None, families, f"no table {name}"))
            continue
        last = _last(db, name, as_of)
        if last is None:
            rows.append((name, wanted, EMPTY, pd.NaT, None, families, f"{name} has no row by then"))
            continue
        silent = (as_of - last.normalize()).days
        goes_on = [o for o in feeds.outages(name, as_of) if not o.is_over]
        limit = rules.stale_days.get(name)
        is_stale = bool(goes_on) or (limit is not None and silent > limit)
        words = f"{name}: last row of {print_date(last)}"
        if is_stale:
            words += f", {silent} days before; usual is a row within {limit} days" if limit is not None else ""
        rows.append((name, wanted, STALE if is_stale else FRESH, last.normalize(), silent, families, words))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"last_on": "datetime64[us]", "silent_days": "Int64"})


def families_fed(db: Database) -> Mapping[str, tuple[str, ...]]:
    """Per table, the families of signals that have features from it: those that lack it, and those that use it."""
    found: dict[str, set[str]] = {}
    for feature in CATALOG:
        tables = {a.table.split(".")[0] for a in feature.measure.needs} if feature.measure else set()
        tables |= {gap for gap in lacking(db, feature) if "." not in gap}
        for table in tables:
            found.setdefault(table, set()).add(feature.family)
    return {table: tuple(f for f in FAMILIES if f in families) for table, families in found.items()}


def lost_words(row: Mapping[str, object]) -> str:
    """What cannot be told without a table, in words.

    >>> lost_words({"table": "exits", "families": ()})
    'exit reasons (win-back)'
    """
    families: Sequence[str] = row["families"]  # type: ignore[assignment]
    parts = [f"{' and '.join(families)} signals"] if families else []
    parts += [OF_THE_LAYER[str(row["table"])]] if row["table"] in OF_THE_LAYER else []
    return ", ".join(parts) or "nothing the model uses"


def _last(db: Database, name: str, as_of: pd.Timestamp) -> pd.Timestamp | None:
    """The time of the latest row that had happened and was known before `as_of`."""
    import ibis

    cut = db.cut(as_of)
    table, time = cut.table(name), CONTRACT[name].time
    table = table.filter(table[time] < ibis.timestamp(as_of.isoformat()))
    last = cut.run(table.aggregate(last=table[time].max()))["last"].iloc[0]
    return None if pd.isna(last) else pd.Timestamp(last)
