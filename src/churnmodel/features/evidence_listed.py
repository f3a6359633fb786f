"""Which of the rows a feature is made of are told first, and which of their columns?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from churnmodel.features.active_users import ACTIVE_USERS
from churnmodel.features.aggregate import Aggregate
from churnmodel.features.evidence_cells import readable
from churnmodel.features.evidence_faces import FACES, Face
from churnmodel.features.evidence_words import counted, when
from churnmodel.features.feature import Feature
from churnmodel.features.rehearsal import cells, columns_read
from churnmodel.features.text_columns import SAYS
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT

_BESIDE = ("owed", "tone", "mrr_at_one_rate")
"""Columns of ours beside a row that say something to a reader, as does what stood in the version before."""


def listed(
    db: Database, rows: Any, feature: Feature, aggregates: Sequence[Aggregate], limit: int | None
) -> tuple[pd.DataFrame, int, str]:
    """Of the `rows` a feature is made of: the first `limit`, how many there are, and both in words."""
    import ibis

    table = aggregates[0].table
    face = FACES[table]
    read = frozenset() if table == ACTIVE_USERS else _read_by(table, aggregates)
    told, blank_tells = _columns(db, table, face, read, rows.columns)
    order, order_words = _order(feature, aggregates, face, rows)
    whole = ibis.window(group_by=[rows.account_id, rows.as_of])
    if table == ACTIVE_USERS:
        rows = rows.mutate(last_seen=rows.as_of)  # told below, from `ago`
    ties = [rows[name] for name in face.columns if rows[name].type().is_string()]
    counts = {
        "evidence_total": rows.ago.count().over(whole),
        "evidence_first": rows.ago.max().over(whole),
        "evidence_last": rows.ago.min().over(whole),
    }
    spoken_of = _spoken_of(feature, aggregates, rows)
    if spoken_of is not None:
        counts["evidence_spoken"] = spoken_of.sum().over(whole)
        order = [spoken_of.desc(), *order]
    ordered = rows.mutate(**counts).order_by([*order, *ties])
    ordered = ordered if limit is None else ordered.limit(limit)
    found = db.run(ordered.select(*told, "as_of", "ago", *counts))
    if found.empty:
        return found[list(told)], 0, ""
    total = int(found["evidence_total"].iloc[0])
    first, last = (_moment(found, name).iloc[0] for name in ("evidence_first", "evidence_last"))
    words = f"{counted(len(found), total, face.noun, face.nouns)}, {when(_verb(face, found), first, last)}"
    if table == "subscriptions" and total == 1:
        runs = "ended_at" not in found or found["ended_at"].isna().all()
        words = words.replace(face.noun, "contract").replace("begun on", "since" if runs else "begun on")
    spoken = int(found["evidence_spoken"].iloc[0]) if spoken_of is not None else 0
    order_words = f"the {spoken} counted first" if 0 < spoken < total else order_words
    words += f", {order_words}" if order_words and total > 1 else ""
    if table == ACTIVE_USERS:
        found = found.assign(last_seen=_moment(found, "ago"), weeks=[int(w).bit_count() for w in found["weeks"]])
        for flag in (name for name in ("champion", "has_left") if name in told):
            # that somebody is no champion, or has not left, goes without saying
            found[flag] = found[flag].where(found[flag].fillna(False).astype(bool), None)
        words += ": a summary of usage events"
    intents = [name.removeprefix("says_") for name in read if name in SAYS]
    shown = readable(found[list(told)], CONTRACT.get(table), intents)
    dull = (_unmoved(shown) | _listed_beside(shown, aggregates)) - set(face.columns)
    return shown[[n for n in told if n not in dull and (n in blank_tells or shown[n].notna().any())]], total, words


def _verb(face: Face, found: pd.DataFrame) -> str:
    """What happened at the rows' own time: that of a survey is its answer, where there is one."""
    if face is not FACES["surveys"] or "answered_at" not in found:
        return face.verb
    answered = found["answered_at"].notna()
    return "answered" if answered.all() else "sent" if not answered.any() else face.verb


def _unmoved(shown: pd.DataFrame) -> set[str]:
    """Columns that stand beside what they were in the version before, or at another rate, and say no more."""
    before = [str(name) for name in shown if str(name).startswith("before_")]
    pairs = {name: name.removeprefix("before_") for name in before if name.removeprefix("before_") in shown}
    same = [p for p in pairs.items() if shown[p[0]].isna().all() or shown[p[0]].equals(shown[p[1]])]
    at_one_rate = {"mrr_at_one_rate"} if "mrr_at_one_rate" in shown else set()
    moved = at_one_rate and not shown["mrr_at_one_rate"].equals(shown["mrr"])
    return {name for pair in same for name in pair} | (set() if moved else at_one_rate)


def _listed_beside(shown: pd.DataFrame, aggregates: Sequence[Aggregate]) -> set[str]:
    """List prices where the MRR beside them moved too and the feature could do without them: too wide to read."""
    asked = {name for a in aggregates for cell in cells(a) for read in cell.reads for name in read.split("|")}
    prices = {"list_mrr", "before_list_mrr"} - asked
    moved = {"mrr", "before_mrr"} <= set(shown) and not shown["mrr"].equals(shown["before_mrr"])
    return prices if moved and len(prices) == 2 else set()


def _moment(found: pd.DataFrame, seconds: str) -> pd.Series[Any]:
    """When it was, so many seconds before ``as_of``."""
    return found["as_of"] - pd.to_timedelta(found[seconds].astype("int64"), unit="s")


def _columns(
    db: Database, table: str, face: Face, read: Collection[str], there: Sequence[str]
) -> tuple[tuple[str, ...], set[str]]:
    """What is told of a row: what names it, what the feature reads, what was written; and where a blank tells.

    Blank is an answer in a column that is revealed later: not paid yet, not resolved.
    """
    if table == ACTIVE_USERS:
        return tuple(name for name in face.columns if name in ("last_seen", *there)), {"user_id"}
    schema = CONTRACT[table]
    own = [c.name for c in schema.columns if c.name not in ("account_id", face.text) and c.name in read]
    further = [name for name in there if name in read and schema.is_open and name not in (*schema.names, "as_of")]
    beside = [name for name in _BESIDE if name in read]
    named = dict.fromkeys([*face.columns, *own, *further, *beside, *([face.text] if face.text else [])])
    lacking = set(db.readings[table].missing)
    told: list[str] = []
    for name in (n for n in named if n in there and n not in lacking):
        told += [name, before] if (before := f"before_{name}") in there and before in read else [name]
    return tuple(told), {schema.time} | {c.name for c in schema.later if c.name in read}


def _read_by(table: str, aggregates: Sequence[Aggregate]) -> frozenset[str]:
    read: set[str] = set()
    for cell in (cell for aggregate in aggregates for cell in cells(aggregate)):
        read |= columns_read(table, cell) | {n for r in (*cell.reads, *cell.spares) for n in r.split("|")}
    return frozenset(read)


def _spoken_of(feature: Feature, aggregates: Sequence[Aggregate], rows: Any) -> Any | None:
    """1 for the rows that a share is the share of, 0 for the rest of the whole; None where it is no such share."""
    import ibis

    part = aggregates[0]
    if feature.unit != "share" or part.where is None or all(part.where == a.where for a in aggregates):
        return None
    return ibis.ifelse(part.made_of(rows), 1, 0)


def _order(
    feature: Feature, aggregates: Sequence[Aggregate], face: Face, rows: Any
) -> tuple[list[Any], str]:
    """The most telling order, and its name where it is not the usual one, newest first.

    What is added up is told from its worse end, where the feature has one; what waits (open, unpaid) by how long.
    """
    table = aggregates[0].table
    if table == ACTIVE_USERS:
        return [rows.events.desc()], "the busiest first"
    added = {a.of for a in aggregates if a.how == "sum" and a.of is not None}
    one_window = len({(a.since, a.until) for a in aggregates}) == 1
    if len(added) == 1 and one_window and feature.raises_risk != "either" and not face.is_series:
        cell = added.pop().of(rows).fill_null(0)
        worst = cell.desc() if feature.raises_risk == "high" else cell.asc()
        return [worst, rows.ago], "the worst first"
    later = {c.name for c in CONTRACT[table].later if c.kind == "time"}
    waiting = [a for a in aggregates if a.since is None and a.where and later & set(a.where.reads)]
    if len(waiting) == len(aggregates) and not face.is_series:
        return [rows.ago.desc()], "the oldest first"
    return [rows.ago], ""
