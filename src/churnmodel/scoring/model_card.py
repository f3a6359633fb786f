"""What should somebody know before trusting this model?

The card is written from the manifest alone, so it cannot say what the bundle does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churnmodel.scoring.manifest import Manifest

FEW_CHURNERS = 50
_YOUNG = "Accounts younger than those it learned from are scored and marked `young`: read those with caution."


def model_card(manifest: Manifest) -> str:
    """The card as Markdown, in plain words, with limits."""
    training, bands = manifest.training, manifest.bands
    first, last = (training.as_ofs[0], training.as_ofs[-1]) if training.as_ofs else ("-", "-")
    share = f" ({training.churners / training.rows:.1%})" if training.rows else ""
    inputs = set(manifest.inputs)
    flat = bool(manifest.caveat)
    rows = [
        f"| `{card['name']}` | {card['family']} | {card['concept']} | {card['meaning']} |"
        for card in manifest.features
        if card["name"] in inputs
    ]
    return "\n".join(
        [
            f"# {manifest.model.title}",
            "",
            f"Model `{manifest.model.name}` of project {manifest.project}. "
            + (_says_of_flat(manifest) if flat else _says(manifest)),
            "",
            "## Trained on",
            "",
            f"* {training.rows} {'rows' if flat else 'snapshots'} on {len(training.as_ofs)} "
            f"date{'' if len(training.as_ofs) == 1 else 's'}, {first} to {last}; "
            f"{training.churners} of them left{share}{_of_accounts(training.churned_accounts)}.",
            f"* The table is said to be complete to {training.trained_until}."
            if flat
            else f"* Nothing that became known on {training.trained_until} or later was used.",
            f"* Tables `{training.data_hash[:12]}`, code `{training.revision}`.",
            "* " + ", ".join(f"{name} {version}" for name, version in sorted(training.libraries.items())) + ".",
            "",
            f"## How well it did, {'on rows it had not learned from' if flat else 'out of time'}",
            "",
            *([f"**{_sentence(manifest.caveat)}**", ""] if flat else []),
            *(_metrics(manifest.metrics) or ["No metrics were handed over with this model."]),
            "",
            *_found(manifest),
            "## Bands",
            "",
            f"Red from a risk of {bands.red_from:.1%}, orange from {bands.orange_from:.1%}, chosen on "
            f"{'these' if flat else 'out-of-time'} predictions and frozen here. Health is 40 at the red cut and "
            "70 at the orange one.",
            "",
            f"## What it reads ({len(rows)} features)",
            "",
            "| feature | family | concept | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Limits",
            "",
            *(f"* {limit}" for limit in _limits(manifest)),
            "",
        ]
    )


def _says(manifest: Manifest) -> str:
    window = manifest.window
    *most, last = (str(edge) for edge in window.edges)
    return (
        "It estimates, for a paying account on a given date, the probability that the account leaves "
        f"{'by its next renewal, and ' if most else ''}within "
        f"{', '.join(most)}{' and ' if most else ''}{last} days"
        + (f", counted from {window.lead_days} days after that date" if window.lead_days else "")
        + f". Leaving means no running subscription for more than {window.grace_days} days."
    )


def _says_of_flat(manifest: Manifest) -> str:
    days = manifest.window.horizon_days
    soon = f"within {days} days" if days else "within a time that nobody stated"
    return (
        "It was taught by a flat table, one row per customer, and estimates the probability that such a table "
        f"would mark a customer as one who left, {soon}. Leaving means whatever that table means by it."
    )


def _of_accounts(churned: int | None) -> str:
    return "" if churned is None else f", of {churned} account{'' if churned == 1 else 's'}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _metrics(metrics: Mapping[str, Any], path: str = "") -> list[str]:
    lines = []
    for name, value in sorted(metrics.items()):
        where = f"{path}{name}"
        if isinstance(value, Mapping):
            lines += _metrics(value, f"{where}, ")
        else:
            said = "not known" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
            lines.append(f"* {where}: {said}")
    return lines


def _found(manifest: Manifest) -> list[str]:
    """What the checks found against it; they are listed with their codes, which have a page each."""
    if not manifest.findings:
        return []
    lines = [
        f"* {f.code}, {f.title.lower()}{'' if f.fired else ' (a warning)'}: {f.message}" for f in manifest.findings
    ]
    return ["## What the checks found", "", *lines, ""]


def _limits(manifest: Manifest) -> list[str]:
    churned = manifest.training.churned_accounts
    few = churned is not None and churned < FEW_CHURNERS
    return [
        *([f"Only {churned} accounts that left taught it; its figures are loose."] * few),
        "A driver is what moved this model's estimate, not a proven cause; changing it need not change the "
        "outcome.",
        _sentence(manifest.caveat)
        if manifest.caveat
        else "It knows only what the tables knew before the date of looking; an account may leave for reasons "
        "that leave no trace there.",
        "It was judged on this company's past. A new price, product or kind of customer can make it wrong "
        "without any sign in its scores.",
        *([] if manifest.caveat else [_YOUNG]),
        "It must not be used to decide about people; the rows are companies.",
    ]
