"""What does a customer-success leader see of those who left? (by reason, seen coming or not, whom to ask again)"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, money, say
from churnmodel.cli.show_winback_lists import account_lines, due, interviews_line, late_line
from churnmodel.cli.show_winback_past import agreement_words, returned_line, seen_line
from churnmodel.explanation.formats import counted, percent
from churnmodel.settings.winback import APART, DECIDED, UNKNOWN, ReasonRule

if TYPE_CHECKING:
    from churnmodel.workflow.winback import Winback

SILENT = "not on record"


def summary(found: Winback, count: int) -> None:
    """Who left by reason, what was predicted, whether it was seen, whom to ask again, who came back."""
    rows = found.lately
    total = float(rows["mrr"].sum())
    headline(
        f"Who left in the {found.days} days before {day(found.as_of)}: {counted(len(rows), 'account')}, "
        f"{money(total, found.currency)} MRR"
    )
    if rows.empty:
        say("Nobody did. --days looks further back.")
    else:
        _standing(found)
        _by_reason(found, total)
        _silent(found, total)
        headline("What they said, beside what was predicted")
        for line in agreement_words(found):
            say(line)
        headline("Seen coming?")
        seen_line(found)
    _to_do(found, count)
    headline("Came back")
    returned_line(found)


def _standing(found: Winback) -> None:
    rows = found.lately
    back, late = int(rows["back_at"].notna().sum()), rows["in_grace"]
    said = [f"{back} came back since."] if back else []
    if late.any():
        held = money(float(rows.loc[late, "mrr"].sum()), found.currency)
        of = f"{int(late.sum())} with {held}"
        said.append(f"{of} ran out within {found.grace_days} days and may still renew late.")
    if said:
        say(" ".join(said))


def _by_reason(found: Winback, total: float) -> None:
    console.print()
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("they said")
    groups = found.by_reason()
    compared = bool(groups["compared"].sum())
    for head in ("accounts", "MRR lost", "of MRR", "back", *(["predicted"] if compared else [])):
        table.add_column(head, justify="right")
    table.add_column("ask again")
    for reason in (*DECIDED, UNKNOWN):
        _row(table, found, reason, groups.loc[reason].to_dict(), total, compared)
    if groups.loc[list(APART), "accounts"].any():
        table.add_row(Text("nobody's decision", style="dim"))
    for reason in APART:
        _row(table, found, reason, groups.loc[reason].to_dict(), total, compared)
    console.print(table)
    if compared:
        say("predicted: of those with a reason and a score before they left, where the model's reason is alike.")


def _row(
    table: Table, found: Winback, reason: str, row: dict[Hashable, float], total: float, compared: bool
) -> None:
    accounts = int(row["accounts"])
    if not accounts:
        return
    alike = f"{int(row['agreed'])} of {int(row['compared'])}" if row["compared"] else "-"
    table.add_row(
        SILENT if reason == UNKNOWN else reason,
        f"{accounts:,}",
        f"{row['mrr']:,.0f}",
        percent(row["mrr"] / total) if total else "-",
        f"{int(row['back'])}" if row["back"] else "-",
        *([alike] if compared else []),
        when(found.rules.reasons[reason]),
    )


def when(rule: ReasonRule) -> str:
    """After how long a reason is asked again: ``at once``, ``after 90 days``, ``never``."""
    if rule.after_days is None:
        return "never"
    return f"after {rule.after_days} days" if rule.after_days else "at once"


def _silent(found: Winback, total: float) -> None:
    rows = found.lately
    if not found.has_exits and not (rows["told_by"] != "").any():
        say(
            "No table exits is mapped, so no reason is known. With it (account_id, exited_at, reason, "
            "comment) this "
            "tells why they left and what each reason cost; until then --interview keeps what you were told."
        )
        return
    silent = rows["reason"] == UNKNOWN
    if silent.any() and total:
        share = percent(float(rows.loc[silent, "mrr"].sum()) / total)
        count = int(silent.sum())
        say(f"Of {count}, with {share} of the MRR lost, nobody wrote down why: --interviews lists them.")


def _to_do(found: Winback, count: int) -> None:
    late_line(found)
    rows = due(found)
    paid = money(float(rows["mrr"].sum()), found.currency)
    headline(f"To ask again now: {counted(len(rows), 'account')} that paid {paid} MRR")
    if rows.empty:
        say("Nobody's day has come. --list tells who is next.")
    for account, row in rows.head(count).iterrows():
        account_lines(str(account), row, found, short=True)
    if len(rows) > count:
        say(f"\n{len(rows) - count:,} more: --list.")
    interviews_line(found)


def definitions() -> None:
    """Every column: its title and name in tables, how it is made, after whom."""
    from churnmodel.success.winback_columns import COLUMNS_OF

    told: set[str] = set()
    for columns in COLUMNS_OF.values():
        for one in columns:
            if one.name in told:
                continue
            told.add(one.name)
            line = Text(one.title, style="bold").append(f"  {one.name}", style="cyan")
            console.print(line.append(f"\n  {one.formula}", style="not bold"))
            if one.source != "own":
                console.print(Text(f"  {one.source}", style="dim"))
