"""What does a person see of an ablation? (each family, what it buys, and whether that could be luck)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, money, say
from churnmodel.cli.show_models import riskiest
from churnmodel.explanation.formats import percent
from churnmodel.reports.ablation_words import CAUGHT, LOSS, ONE_IN_TWENTY, PROFIT, sentence, verdict

if TYPE_CHECKING:
    from churnmodel.workflow.ablate import Ablated
    from churnmodel.workflow.project import Project

STYLE = {"worse": "red", "better": "green"}


def ablation(found: Ablated, project: Project) -> None:
    """The figures of every variant, then a sentence for each, then the verdict."""
    settings, table = project.settings, found.table
    currency, terms = settings.project.currency, settings.money
    headline(f"What do the features of {found.model} buy?")
    judged, churned = (int(table[column].iloc[0]) for column in ("n", "churned_accounts"))
    say(
        f"the same model fitted anew with fewer features, judged on the same {judged:,} snapshots of "
        f"{found.rounds} rounds, each one look at the book; {churned:,} accounts churned; capacity: "
        f"{riskiest(settings.training.capacity, 'each book')}"
    )
    say(
        f"a round earns: of the churners worked {percent(terms.save_rate.likely)} stay, worth "
        f"{terms.value_months:g} months of MRR, less {money(terms.contact_cost, currency)} for every one worked"
        + (f" and a discount of {percent(terms.incentive_share)}" if terms.incentive_share else "")
    )
    shown = Table("", "features", "churned MRR caught", "a round earns", "AUROC", "log loss", box=None,
                  header_style="bold", padding=(0, 2, 0, 0))  # fmt: skip
    for variant in found.variants:
        name = variant.spec.name
        rows = {str(r["metric"]): r for r in table[table["variant"] == name].to_dict("records")}
        cells = [
            _cell(rows[CAUGHT], "{:.1%}"),
            _cell(rows[PROFIT], "{:,.0f}"),
            _cell(rows["auroc"], "{:.3f}"),
            _cell(rows[LOSS], "{:.4f}"),
        ]
        shown.add_row(Text(name), Text(str(variant.features)), *cells)
    console.print(shown)
    say(f"red: worse than with all features, beyond luck (95 % paired interval over accounts); green: better;\n"
        f"{ONE_IN_TWENTY}")  # fmt: skip
    headline("In words (in brackets: the 95 % interval)")
    for variant in found.variants:
        if variant.kind != "all":
            say(f"- {sentence(table, variant.spec.name, currency)}")
    headline(verdict(table))


def _cell(row: dict[Any, Any], form: str) -> Text:
    value = float(row["value"])
    if value != value:
        return Text("not known", style="dim")
    return Text(form.format(value), style=STYLE.get(str(row["verdict"]), ""))
