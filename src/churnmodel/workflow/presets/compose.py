"""What does a churnmodel.toml say that starts from several presets? (tables merged, join keys called out)"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from churnmodel.sources.schemas import CONTRACT
from churnmodel.workflow.presets.read import Preset

_WIDE = 112


@dataclass(frozen=True)
class Composition:
    """Presets that fill one project together.

    Parameters
    ----------
    presets
        In the order in which they were named.
    """

    presets: tuple[Preset, ...]

    @property
    def owners(self) -> dict[str, Preset]:
        """Which preset fills each table, in the order of the contract.

        The first one named; but accounts come from a CRM where there is one, whatever the order.
        """
        return {table: self._claiming(table)[0] for table in CONTRACT if self._claiming(table)}

    @property
    def accounts(self) -> Preset | None:
        """The preset that fills accounts (None: they must be mapped by hand)."""
        return self.owners.get("accounts")

    @property
    def exclude(self) -> dict[str, str]:
        """Features that must not be built from what is mapped (globs), each with the reason."""
        used = [owner.tables[table] for table, owner in self.owners.items()]
        return {glob: table.exclude_why for table in used for glob in table.exclude}

    def account_of(self, preset: Preset) -> str:
        """SQL for the account of a row of `preset`."""
        fills = self.accounts is not None and self.accounts.name == preset.name
        return preset.alone if fills else preset.beside

    def sql(self, table: str) -> str:
        """The SELECT that fills `table`."""
        owner = self.owners[table]
        return owner.tables[table].sql.replace("{account}", self.account_of(owner))

    def _claiming(self, table: str) -> list[Preset]:
        claiming = [p for p in self.presets if table in p.tables]
        return sorted(claiming, key=lambda p: p.role != "crm") if table == "accounts" else claiming


def heading(composition: Composition) -> str:
    """What the whole file assumes, as comment lines: the raw tables by name, and what an account_id is."""
    owner = composition.accounts
    needs = sorted({name for table, p in composition.owners.items() for name in p.tables[table].reads(p.system)})
    if owner is None:
        accounts = (
            "No preset named here fills accounts, and every project needs them: map [tables.accounts] and "
            "[tables.subscriptions] by hand, or name a preset that does (hubspot, salesforce, stripe)."
        )
    else:
        accounts = f"An account_id is {owner.account_is}: accounts come from {owner.name}."
    if owner is not None and "subscriptions" not in composition.owners:
        accounts += " No preset named here fills subscriptions, and every project needs them: map them by hand."
    paragraphs = (
        f"Started from presets: {', '.join(p.name for p in composition.presets)}. Each table below says what it "
        "assumes; lines to check are marked CHANGE, and JOIN KEY where one system's rows find their account.",
        accounts,
        "The SQL is DuckDB's, which reads folder and duckdb: under postgres or spark, change it to that engine's.",
        "Loaders land times in UTC: leave project.timezone as it is.",
        f"Raw tables wanted, as files or tables of these names (<system>_<table>): {', '.join(needs)}.",
        "Former customers must carry the join keys too: keys that were filled in for today's customers alone make "
        "those who left look silent. _fivetran_synced and its like are no known_at: a re-sync writes them anew.",
    )
    return "\n".join(_comment(text) for text in paragraphs)


def mapped_tables(composition: Composition) -> str:
    """The ``[tables.X]`` entries, each under comments in plain words, in the order of the contract."""
    return "\n".join(_entry(composition, table) for table in composition.owners)


def _entry(composition: Composition, table: str) -> str:
    owner = composition.owners[table]
    if composition.account_of(owner) == owner.alone:
        key = f"JOIN KEY: account_id is {owner.account_is}."
    else:
        key = f"JOIN KEY: {owner.hint}. CHANGE that line to where {owner.system} holds it."
    told = [f"{table}, from {owner.name}: {owner.about}.", *re.split(r" (?=CHANGE)", owner.tables[table].why), key]
    others = [p.name for p in composition.presets if table in p.tables and p.name != owner.name]
    if others:
        by_crm = table == "accounts" and owner.role == "crm"
        rule = "a CRM knows the accounts best" if by_crm else "the first named is taken"
        told.append(
            f"Offered by {', '.join(others)} as well: {rule}. For both, UNION ALL the two selects here "
            "(churnmodel init with the other preset alone shows its select)."
        )
    comments = "\n".join(_comment(text) for text in told)
    return f'{comments}\n[tables.{table}]\nsql = """\n{composition.sql(table)}\n"""\n'


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(text, _WIDE, break_on_hyphens=False))


def told_presets(presets: Sequence[Preset]) -> str:
    """The presets as lines for a terminal: name, what it fills, what it reads."""
    wide = max(len(p.name) for p in presets)
    return "\n".join(f"{p.name:{wide}}  {', '.join(p.tables)}\n{'':{wide}}  {p.about}" for p in presets)
