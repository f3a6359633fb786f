"""What is said about columns that tell too much? (three findings: features, raw columns, outside scores)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.evaluation.leaks_power import FAR, FEWEST, TOO_GOOD, WINDOWS, Power

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
    worst = _one_each([t for t in strange if t.probe.is_used])
    unused = _one_each([t for t in strange if not t.probe.is_used])
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
    return Finding(CODE, title, "silent", f"{asked}. {_strongest(of_mine)}{note}", detail)


def _strongest(told: Sequence[Power]) -> str:
    """The most any of them tells, by window, beside what would not be believed."""
    said = []
    for window, limit in TOO_GOOD.items():
        of_window = (t for t in told if t.window == window and not isnan(t.auroc))
        best = next((t for t in of_window if window == FAR or not t.probe.of_calendar), None)
        if best is not None:
            said.append(f"{best.auroc:.3f} {when(window)} ({best.probe.name}; {limit:.2f} would not be believed)")
    return f"The strongest AUROC: {', '.join(said)}." if said else "None tells anything."


def _one_each(told: Sequence[Power]) -> list[Power]:
    """Of each column its strangest answer, the strangest column first."""
    best: dict[tuple[str, str], Power] = {}
    for t in sorted(told, key=_strangeness, reverse=True):
        best.setdefault((t.probe.name, t.probe.kind), t)
    return list(best.values())


def _strangeness(t: Power) -> float:
    certain = t.share_low if t.is_too_certain else 0.0
    return max(certain, t.auroc if t.is_too_good else 0.0)


def in_words(t: Power) -> str:
    """What a column tells too well, with its columns.

    "'overdue_count' (invoices.due_at, invoices.paid_at): of 91 accounts where it is 1, 91 left within 90 days"
    """
    name = f"whether {t.probe.name} is filled" if t.probe.kind == "filled" else f"'{t.probe.name}'"
    where = f" ({', '.join(t.probe.columns)})" if t.probe.kind == "feature" else ""
    said = []
    if t.is_too_good:
        said.append(f"AUROC {t.auroc:.3f} ({t.low:.3f}-{t.high:.3f}) {when(t.window)}")
    if t.is_too_certain:
        left = round(t.share * t.group_accounts)
        value = {"1": "yes", "0": "no"}.get(t.group, t.group) if t.probe.kind == "filled" else t.group
        said.append(f"of {t.group_accounts} accounts where it is {value}, {left} left {when(t.window)}")
    return f"{name}{where}: {' and '.join(said)}"


def when(window: str) -> str:
    """A window in words.

    >>> when("near"), when("far"), when("ever")
    ('within 90 days', '180 to 545 days later', 'at any time later')
    """
    if window not in WINDOWS:
        return "at any time later"
    opens, closes = WINDOWS[window]
    return f"{opens} to {closes} days later" if opens else f"within {closes} days"


def columns_of(finding: Finding) -> tuple[str, ...]:
    """Every ``table.column`` a finding of this proof names."""
    detail: Mapping[str, Any] = finding.detail
    named = [c for n in detail.get("named", ()) for c in n["columns"]] + list(detail.get("columns", ()))
    named += [c for m in detail.get("moved", ()) for c in m["where"]]
    named += [c for t in detail.get("tables", ()) for c in t["columns"]]
    return tuple(sorted(set(named)))
