"""How is it said that a column tells too much? (its name, its columns, the numbers)"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from churnmodel.evaluation.leaks_power import FAR, TOO_GOOD, WINDOWS, Power


def strangest_of_each(told: Sequence[Power]) -> list[Power]:
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


def strongest_in_words(told: Sequence[Power]) -> str:
    """The most any of them tells, by window, beside what would not be believed."""
    said = []
    for window, limit in TOO_GOOD.items():
        of_window = (t for t in told if t.window == window and not isnan(t.auroc))
        best = next((t for t in of_window if window == FAR or not t.probe.of_calendar), None)
        if best is not None:
            said.append(f"{best.auroc:.3f} {when(window)} ({best.probe.name}; {limit:.2f} would not be believed)")
    return f"The strongest AUROC: {', '.join(said)}." if said else "None tells anything."
