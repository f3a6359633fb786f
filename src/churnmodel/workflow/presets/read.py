"""Which presets are there, and what does each fill?"""

from __future__ import annotations

import difflib
import re
import textwrap
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from churnmodel.errors import SettingsError

ROLES = ("crm", "billing", "support", "events", "surveys", "scores")
"""What a system is for, in the order in which presets are listed; a CRM knows the accounts best."""

_HERE = Path(__file__).parent
_READ = re.compile(r"\b(?:FROM|JOIN)\s+([a-z]+_\w+)")
_MADE = re.compile(r"\b(\w+) AS \(")


@dataclass(frozen=True)
class TablePreset:
    """How a preset fills one table of the contract.

    Parameters
    ----------
    table
        Its name in the contract.
    why
        What is assumed, in plain words.
    sql
        The SELECT; ``{account}`` in it stands for the account of a row, on the one line marked JOIN KEY.
    exclude, exclude_why
        Features that must not be built from it (globs), and why.
    """

    table: str
    why: str
    sql: str
    exclude: tuple[str, ...] = ()
    exclude_why: str = ""

    def reads(self, system: str) -> tuple[str, ...]:
        """The raw tables of `system` that it selects from, in the order in which they are named."""
        made = {*_MADE.findall(self.sql)}
        read = (name for name in _READ.findall(self.sql) if name.startswith(f"{system}_") and name not in made)
        return tuple(dict.fromkeys(read))


@dataclass(frozen=True)
class Preset:
    """One system, as one loader lands it.

    Parameters
    ----------
    name, about, role
        ``stripe``; what is assumed to be landed; one of `ROLES`.
    tables
        By name, in the order of the contract.
    beside
        SQL for the account of a row, where another system fills accounts.
    hint
        What must be true for `beside` to be an account_id.
    alone, account_is
        SQL for it where this system itself fills accounts, and what an account_id is then; empty where it cannot.
    """

    name: str
    about: str
    role: str
    tables: Mapping[str, TablePreset]
    beside: str
    hint: str
    alone: str = ""
    account_is: str = ""

    @property
    def system(self) -> str:
        """What its raw tables begin with: ``stripe`` for stripe_items, too."""
        return self.name.split("_")[0]

    @property
    def reads(self) -> tuple[str, ...]:
        """All raw tables it selects from."""
        return tuple(dict.fromkeys(name for table in self.tables.values() for name in table.reads(self.system)))


def every_preset() -> tuple[Preset, ...]:
    """All presets, by role and name."""
    found = [_read(path.stem) for path in _HERE.glob("*.toml")]
    return tuple(sorted(found, key=lambda p: (ROLES.index(p.role), p.name)))


def read_presets(names: Iterable[str]) -> tuple[Preset, ...]:
    """The presets of these names, in their order, each once.

    Raises
    ------
    SettingsError
        There is no preset of that name (says the nearest, and all there are), or none was named.
    """
    known = {preset.name: preset for preset in every_preset()}
    wanted = tuple(dict.fromkeys(name.strip().lower().replace("-", "_") for name in names if name.strip()))
    if not wanted:
        raise SettingsError(f"--from: no preset named (there are: {', '.join(known)})")
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise SettingsError(f"--from: no preset {name!r}; {hint}(there are: {', '.join(known)})")
    return tuple(known[name] for name in wanted)


def _read(name: str) -> Preset:
    raw = _parsed(name)
    if "like" in raw:  # the same system as another loader lands it
        base = _read(raw["like"])
        tables = {name: replace(t, sql=_shaped(t.sql, raw["shapes"])) for name, t in base.tables.items()}
        return replace(base, name=name, about=raw["about"], tables=tables)
    account = raw["account"]
    return Preset(
        name,
        raw["about"],
        raw["role"],
        {table: _table(name, table, told) for table, told in raw["tables"].items()},
        account["beside"],
        account["hint"],
        account.get("alone", ""),
        raw.get("account_is", ""),
    )


def _table(name: str, table: str, told: Mapping[str, Any]) -> TablePreset:
    if "like" in told:  # the same as in another preset
        return _table(told["like"], table, _parsed(told["like"])["tables"][table])
    exclude = tuple(told.get("exclude", ()))
    return TablePreset(table, " ".join(told["why"]), told["sql"].strip("\n"), exclude, told.get("exclude_why", ""))


def _shaped(sql: str, shapes: Mapping[str, str]) -> str:
    """`sql` over selects that give the raw tables it names the columns it names."""
    named = [name for name in shapes if re.search(rf"\b{name}\b", sql)]
    made = ",\n".join(f"{name} AS (\n{textwrap.indent(shapes[name].strip(), '  ')}\n)" for name in named)
    rest = f",\n{sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"\n{sql}"
    return f"-- CHANGE in the first selects what your loader names otherwise\nWITH {made}{rest}"


def _parsed(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))
