"""What is said about columns that tell too much? (three findings: features, raw columns, outside scores)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from churnmodel.evaluation.checks.finding import Finding
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import FEWEST, Power
from churnmodel.evaluation.leaks_words import in_words, strangest_of_each, strongest_in_words

CODE = "CHN002"
FEATURES, RAW, SCORES = (
    "No single feature is too good to be true",
    "No column is written only when an account has left",
    "Outside scores were not rewritten",
)
NAMED = 5


def power_findings(
    told: Sequence[Power], probes: Sequence[Probe], accounts_left: Mapping[str, int], days: int
) -> tuple[Finding, Finding, Finding]:
    """CHN002, three times: features; raw columns, whether or not one is a feature; scores from outside.

    Parameters
    ----------
    told
        What each column tells of each window, the most first.
    accounts_left
        By window, how many accounts left in it.
    days
        How many days of looking.
    """
    scores = [p for p in probes if _is_score(p)]
    features = [p for p in probes if p.kind == "feature"]
    raw = [p for p in probes if p.kind != "feature" and not _is_score(p)]
    return (
        _finding(FEATURES, features, told, accounts_left, days),
        _finding(RAW, raw, told, accounts_left, days),
        _finding(SCORES, scores, told, accounts_left, days),
    )


def _is_score(probe: Probe) -> bool:
    return probe.columns[0].startswith("external_scores.")


def _finding(
    title: str, probes: Sequence[Probe], told: Sequence[Power], accounts_left: Mapping[str, int], days: int
) -> Finding:
    if not probes:
        what = "no outside scores" if title == SCORES else "no such columns"
        return Finding(CODE, title, "not applicable", f"There are {what} to ask.")
    if not max(accounts_left.values(), default=0) >= FEWEST:
        few = max(accounts_left.values(), default=0)
        message = f"Only {few} accounts left at all; under {FEWEST} power and luck cannot be told apart."
        return Finding(CODE, title, "not applicable", message)
    mine = {id(p) for p in probes}
    of_mine = [t for t in told if id(t.probe) in mine]
    strange = [t for t in of_mine if t.is_too_good or t.is_too_certain]
    worst = strangest_of_each([t for t in strange if t.probe.is_used])
    unused = strangest_of_each([t for t in strange if not t.probe.is_used])
    detail = {
        "columns_asked": len({(p.name, p.kind) for p in probes}),
        "accounts_left": dict(accounts_left),
        "named": [t.to_json() for t in worst],
        "named_but_unused": [t.to_json() for t in unused],
    }
    asked = f"{detail['columns_asked']} columns were asked alone, at {days} days of looking"
    note = ""
    if unused:
        names = ", ".join(dict.fromkeys(t.probe.columns[0] for t in unused))
        note = f" (No feature uses {names}, and none must: {in_words(unused[0])}.)"
    if worst:
        named = "; ".join(in_words(t) for t in worst[:NAMED])
        more = f"; and {len(worst) - NAMED} more" if len(worst) > NAMED else ""
        return Finding(CODE, title, "fired", f"{asked}. Not to be believed: {named}{more}.{note}", detail)
    return Finding(CODE, title, "silent", f"{asked}. {strongest_in_words(of_mine)}{note}", detail)


def columns_of(finding: Finding) -> tuple[str, ...]:
    """Every ``table.column`` a finding of this proof names."""
    detail: Mapping[str, Any] = finding.detail
    named = [c for n in detail.get("named", ()) for c in n["columns"]] + list(detail.get("columns", ()))
    named += [c for m in detail.get("moved", ()) for c in m["where"]]
    named += [c for t in detail.get("tables", ()) for c in t["columns"]]
    return tuple(sorted(set(named)))
