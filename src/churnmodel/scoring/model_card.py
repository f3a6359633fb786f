"""What should somebody know before trusting this model?

The card is written from the manifest alone, so it cannot say what the bundle does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from churnmodel.scoring.manifest import Manifest

FEW_CHURNERS = 50


def model_card(manifest: Manifest) -> str:
    """The card as Markdown, in plain words, with limits."""
    window, training, bands = manifest.window, manifest.training, manifest.bands
    first, last = (training.as_ofs[0], training.as_ofs[-1]) if training.as_ofs else ("-", "-")
    share = f" ({training.churners / training.rows:.1%})" if training.rows else ""
    inputs = set(manifest.inputs)
    rows = [
        f"| `{card['name']}` | {card['family']} | {card['concept']} | {card['meaning']} |"
        for card in manifest.features
        if card["name"] in inputs
    ]
    return "\n".join(
        [
            f"# {manifest.model.title}",
            "",
            f"Model `{manifest.model.name}` of project {manifest.project}. It estimates, for a paying "
            "account on a given date, the probability that the account leaves "
            + ("by its next renewal, and " if window.edges[1:] else "")
            + "within "
            + ", ".join(str(edge) for edge in window.edges[:-1])
            + (" and " if window.edges[:-1] else "")
            + f"{window.edges[-1]} days"
            + (f", counted from {window.lead_days} days after that date" if window.lead_days else "")
            + f". Leaving means no running subscription for more than {window.grace_days} days.",
            "",
            "## Trained on",
            "",
            f"* {training.rows} snapshots on {len(training.as_ofs)} dates, {first} to {last}; "
            f"{training.churners} of them left{share}.",
            f"* Nothing that became known on {training.trained_until} or later was used.",
            f"* Tables `{training.data_hash[:12]}`, code `{training.revision}`.",
            "* " + ", ".join(f"{name} {version}" for name, version in sorted(training.libraries.items())) + ".",
            "",
            "## How well it did, out of time",
            "",
            *(_metrics(manifest.metrics) or ["No metrics were handed over with this model."]),
            "",
            "## Bands",
            "",
            f"Red from a risk of {bands.red_from:.1%}, orange from {bands.orange_from:.1%}, chosen on "
            "out-of-time predictions and frozen here. Health is 40 at the red cut and 70 at the orange one.",
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


def _limits(manifest: Manifest) -> list[str]:
    few = manifest.training.churners < FEW_CHURNERS
    return [
        *([f"Only {manifest.training.churners} churned snapshots taught it; its figures are loose."] * few),
        "A driver is what moved this model's estimate, not a proven cause; changing it need not change the "
        "outcome.",
        "It knows only what the tables knew before the date of looking; an account may leave for reasons "
        "that leave no trace there.",
        "It was judged on this company's past. A new price, product or kind of customer can make it wrong "
        "without any sign in its scores.",
        "Accounts younger than those it learned from are scored and marked `young`: read those with caution.",
        "It must not be used to decide about people; the rows are companies.",
    ]
