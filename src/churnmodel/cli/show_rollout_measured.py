"""What does a board see of a rollout? (then and now, what was expected, a year before, what it proves not)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import band_text, console, headline, money, printable, say, spoken_day, text_or
from churnmodel.explanation.formats import counted, percent
from churnmodel.success.rollout_bridge import BAND_ORDER, GONE, LEFT, RETURNED
from churnmodel.success.rollout_columns import BY_NAME
from churnmodel.success.rollout_plan import EXECUTE_DAYS, MEASURE_DAYS

if TYPE_CHECKING:
    from churnmodel.workflow.rollout_measured import Measured

SIGNS = {"opening": "", "expansion": "+", "contraction": "-", "churn": "-", "back": "+", "closing": "="}
NAMES = {
    "opening": "day 0", "expansion": "expansion", "contraction": "contraction", "churn": "churn",
    "back": "back", "closing": "now",
}  # fmt: skip


def short(found: Measured) -> None:
    """The roster in four lines, for the summary."""
    headline(f"{_when(found)}: the {counted(len(found.came), 'account')} frozen on day 0")
    _kept(found)
    _against(found)
    say("Before and after, without a control: it proves no cause. More: --measure.")


def measured(found: Measured, count: int) -> None:
    """Everything there is to say of day 0 and now."""
    stand = found.rollout.stand
    frozen_on = spoken_day(found.frozen.begun_on)
    headline(f"{_when(found)}: {counted(len(found.came), 'account')} frozen on {frozen_on}")
    _bridge(found)
    _kept(found)
    new = found.book_mrr_cents - found.bridge.closing
    say(
        f"The book now: {_exact(found.book_mrr_cents, stand.currency)}, of which {_exact(new, '')} from "
        f"{counted(found.newcomers, 'account')} that came since."
    )
    headline("What the risks of day 0 said, and what came")
    _against(found)
    _a_year_before(found)
    _bands(found)
    _who_left(found, count)
    headline("Figures of the whole book")
    _figures(found)
    _cautions(found)


def _when(found: Measured) -> str:
    if found.is_so_far:
        return f"So far (day {found.day} of {MEASURE_DAYS}; measuring begins on day {EXECUTE_DAYS + 1})"
    return f"Measured on day {found.day}" + (f" of {MEASURE_DAYS}" if found.day <= MEASURE_DAYS else "")


def _bridge(found: Measured) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for name, title in NAMES.items():
        cents = getattr(found.bridge, name)
        style = "bold" if name in ("opening", "closing") else ""
        table.add_row(f"{SIGNS[name] or ' '} {title}", _exact(cents, found.rollout.stand.currency), style=style)
    console.print(table)


def _kept(found: Measured) -> None:
    b = found.bridge
    share = percent(b.left / b.accounts) if b.accounts else "-"
    line = f"Kept {_rate(b.kept)} of its MRR, {_rate(b.net)} with expansion; "
    line += f"{b.left} of {b.accounts:,} left ({share})"
    extra = []
    if b.returned:
        extra.append(f"{b.returned} of them came back")
    if found.provisional:
        extra.append(f"{found.provisional} of them so lately that they may still renew late")
    say(line + (f", {' and '.join(extra)}" if extra else "") + ".")


def _against(found: Measured) -> None:
    said, currency = found.expected, found.rollout.stand.currency
    if said is None:
        why = "no account had a risk on day 0" if found.frozen.accounts["risks"].isna().all() else (
            "no risk looks so far ahead")  # fmt: skip
        say(f"What was to be expected cannot be said: {why}.")
        return
    logos = f"{said.logos:.1f} ({said.logos_low:.0f} to {said.logos_high:.0f})"
    mrr = f"{said.cents / 100:,.0f} ({said.cents_low / 100:,.0f} to {said.cents_high / 100:,.0f}) {currency}"
    sure = f", {said.sure} of them under notice then" if said.sure else ""
    say(f"Expected to leave by now, from the risks of day 0: {logos} accounts{sure}, with {mrr}.")
    came = f"{said.left} accounts, with {said.churned / 100:,.0f} {currency}"
    mrr_is = _verdict(said.churned, said.cents_low, said.cents_high)
    logos_are = _verdict(said.left, said.logos_low, said.logos_high)
    verdict = f"both are {mrr_is}" if mrr_is == logos_are else f"MRR is {mrr_is}, accounts are {logos_are}"
    say(f"Left: {came}; {verdict} ({said.level:.0%}).")
    if said.without:
        gone = f", of which {said.without_left} left" if said.without_left else ", and none of them left"
        say(f"In neither: {counted(said.without, 'account')} without a risk or a notice on day 0{gone}.")


def _verdict(came: float, low: float, high: float) -> str:
    where = "below" if came < low else "above" if came > high else "within"
    return f"{where} the interval"


def _a_year_before(found: Measured) -> None:
    was = found.year_before
    headline("The same days a year before")
    if was is None:
        say("The tables do not reach back so far, so whether this is the season nobody can tell.")
        return
    share = percent(was.left / was.accounts)
    say(
        f"Of the {was.accounts:,} accounts of then {was.left} left ({share}); kept {_rate(was.kept)} of the MRR, "
        f"{_rate(was.net)} with expansion."
    )


def _bands(found: Measured) -> None:
    if found.came["band"].isna().all() or found.came["band_now"].isna().all():
        return
    headline("Bands: day 0 (rows) to now (columns), accounts")
    moves = found.moves
    kept = [name for name in (*BAND_ORDER, GONE) if moves[name].sum()]
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("")
    for name in kept:
        table.add_column(name, justify="right")
    for name in BAND_ORDER:
        if moves.loc[name].sum():
            counts = moves.loc[[name], kept].to_numpy(dtype="int64")[0].tolist()
            table.add_row(band_text(name), *(f"{count:,}" if count else "-" for count in counts))
    console.print(table)


def _who_left(found: Measured, count: int) -> None:
    gone = found.came[found.came["became"].isin([LEFT, RETURNED])].sort_values("opening", ascending=False)
    if gone.empty:
        return
    headline(f"Who left: {len(gone)}, the most MRR first")
    for account, row in gone.head(count).iterrows():
        line = Text.assemble((text_or(row["name"], "-"), "bold"), (f"  {printable(account)}  ", "dim"))
        line.append(f"{row['tier']}  {money(row['opening'] / 100, found.rollout.stand.currency)}  day 0: ")
        notice = row["status"] == "leaving"
        band = band_text(text_or(row["band"], "no band"))
        line.append(Text("under notice", style="bold red") if notice else band)
        line.append("" if notice or pd.isna(row["risk"]) else f", risk {percent(float(row['risk']))}")
        line.append("; came back" if row["became"] == RETURNED else "")
        console.print(line.append(f"; CSM {text_or(row['csm'], 'nobody')}", style="dim"))
    if len(gone) > count:
        say(f"{len(gone) - count} more: --top {len(gone)}, or --csv.")


def _figures(found: Measured) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("")
    for head in ("day 0", "now", "change"):
        table.add_column(head, justify="right")
    currency = found.rollout.stand.currency
    for row in found.figures.to_dict("records"):
        one = BY_NAME[str(row["name"])]
        cells = [_cell(float(row[name]), one.unit, signed=name == "change") for name in ("then", "now", "change")]
        table.add_row(one.title + (f", {currency}" if one.unit == "money" else ""), *cells)
    console.print(table)


def _cell(value: float, unit: str, *, signed: bool = False) -> str:
    if value != value:
        return "-"
    if unit == "share":
        return f"{100 * value:+.1f} pts" if signed else _rate(value)
    return f"{value:+,.0f}" if signed else f"{value:,.0f}"


def _cautions(found: Measured) -> None:
    held_out = found.rollout.stand.playing.held_out
    said = [
        "Before and after, without a control: what moved would perhaps have moved anyway. It proves no cause.",
        f"{counted(held_out, 'account')} on record as held out of a play at random: their comparison is "
        "churnmodel success outcomes." if held_out else
        "No account is on record as held out of a play by a lot, so nobody can say what plays did ([plays] "
        "hold_out; [outcomes] drawn, if a lot decided in your own interventions).",
        "Figures of twelve months then and now share most of their months.",
    ]  # fmt: skip
    if found.frozen.about["in_hindsight"]:
        said.append("The risks of day 0 are of a model that had learned from outcomes after it: no forecast.")
    if found.changed:
        said.append(
            f"Settings changed since day 0 ({', '.join(found.changed)}): figures by their rules do not compare."
        )
    console.print()
    for line in said:
        console.print(Text(line, style="dim"))


def _exact(cents: int, currency: str) -> str:
    return f"{cents / 100:,.2f} {currency}".strip()


def _rate(share: float) -> str:
    return "-" if share != share else f"{100 * share:.1f}%"
