"""How do I get the tables of a demo company whose truth is known?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from churnmodel.errors import SettingsError
from churnmodel.sources.synthetic.causes import Causes
from churnmodel.sources.synthetic.contracts import draw_seats
from churnmodel.sources.synthetic.days import calendar_until
from churnmodel.sources.synthetic.files import usage_files, write_tables
from churnmodel.sources.synthetic.history import History, live
from churnmodel.sources.synthetic.names import account_ids
from churnmodel.sources.synthetic.tables import smaller_tables, whole
from churnmodel.sources.synthetic.traits import draw_traits
from churnmodel.sources.synthetic.truth import churn_probability, locate
from churnmodel.sources.synthetic.usage_months import UsageMonths

FEWEST, MOST = 200, 10_000
SHORTEST, LONGEST = 1.0, 6.0
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Company:
    """A simulated software vendor: what its tables hold, and what really went on.

    Parameters
    ----------
    tables
        By name, in the canonical columns of `churnmodel.sources.schemas`; money in currency units, times
        ``datetime64[us]`` in UTC. They hold what was known before `until`.
    until
        Midnight at which the history ends.
    seed, causes
        As given to `simulate_company`.
    history
        The latent path of every account, week by week.
    """

    tables: Mapping[str, pd.DataFrame]
    until: pd.Timestamp
    seed: int
    causes: Causes
    history: History

    def write(self, folder: Path | str, progress: Progress | None = None) -> None:
        """Write each table to ``folder/<table>.parquet``, the usage events as monthly parts of a folder.

        The folder is made if need be. The files of these names in it are replaced.
        """
        write_tables(Path(folder), self.tables, progress or _silent)


def simulate_company(
    accounts: int = 600,
    seed: int = 7,
    years: float = 3,
    data_until: str | pd.Timestamp = "2026-01-01",
    causes: Causes = Causes(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    usage_event_ids: bool = False,
) -> Company:
    """Simulate `accounts` accounts, past and present, over `years` years that end at `data_until`.

    The same arguments give the same tables, byte for byte. All tables are held in memory; `write_company`
    holds a month of usage events at a time.

    Parameters
    ----------
    usage_event_ids
        Whether usage events, too, carry an ``event_id``; a few of them then come twice.

    Raises
    ------
    SettingsError
        Fewer than 200 or more than 10,000 accounts, fewer than one or more than six years, a negative seed,
        or a `data_until` that is not a midnight without time zone.
    """
    company, usage = _simulated(accounts, seed, years, data_until, causes, usage_event_ids, None)
    report = progress or _silent
    report(0.1)
    events = whole([frame for _, frame in usage.frames(lambda share: report(0.1 + 0.9 * share))])
    tables = {**company.tables, "usage_events": events}
    return Company(tables, company.until, seed, causes, company.history)


def write_company(
    folder: Path | str,
    accounts: int = 600,
    seed: int = 7,
    years: float = 3,
    data_until: str | pd.Timestamp = "2026-01-01",
    causes: Causes = Causes(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    usage_event_ids: bool = False,
) -> Company:
    """Write the company that `simulate_company` would give, file by file the same, without holding its events.

    Returns
    -------
    The company without its table ``usage_events``, which is only in the folder.

    Raises
    ------
    SettingsError
        As `simulate_company`.
    """
    folder, report = Path(folder), progress or _silent
    scratch = folder / "usage_events"
    company, usage = _simulated(accounts, seed, years, data_until, causes, usage_event_ids, scratch)
    write_tables(folder, company.tables, lambda share: report(0.1 * share))
    with usage_files(folder) as write_month:
        for month, frame in usage.frames(lambda share: report(0.1 + 0.9 * share)):
            write_month(month, frame)
    return company


def _simulated(
    accounts: int,
    seed: int,
    years: float,
    data_until: str | pd.Timestamp,
    causes: Causes,
    usage_event_ids: bool,
    scratch: Path | None,
) -> tuple[Company, UsageMonths]:
    until = _checked(accounts, seed, years, data_until)
    calendar = calendar_until(until, weeks=round(365.25 * years / 7))
    history = live(draw_traits(accounts, calendar.weeks, seed, causes), calendar, seed, causes)
    ids, seats = account_ids(accounts), draw_seats(history, seed)
    tables = smaller_tables(history, seats, ids, seed)
    usage = UsageMonths(history, seats, ids, seed, usage_event_ids, scratch)
    return Company(tables, until, seed, causes, history), usage


def _silent(share: float) -> None:
    """Tells nobody."""


def true_churn_probability(
    company: Company,
    snapshots: pd.MultiIndex,
    horizon_days: int = 180,
    lead_days: int = 0,
    futures: int = 256,
    seed: int = 0,
    progress: Progress | None = None,
) -> pd.Series:
    """The true probability that the label of each snapshot says "churned", given that it says anything.

    Monte Carlo over `futures` futures from the account's whole hidden state, under the law that made the
    history: the best any model could say, and more than any can know. Its standard error is
    ``sqrt(p * (1 - p) / futures)``. The truth of one snapshot does not depend on the others asked for.

    Parameters
    ----------
    snapshots
        ``(account_id, as_of)``, `as_of` from the first day of the history to `company.until`.

    Returns
    -------
    Series indexed by `snapshots`, in [0, 1]; NaN where the account had no running
    subscription that began before `as_of`, or service ends at `as_of` itself (as the label: it left before).

    Raises
    ------
    SourceError
        An unknown account, or an `as_of` outside the history.
    SettingsError
        A horizon, a lead or a number of futures that makes no sense.
    """
    rows, days = locate(snapshots, account_ids(company.history.accounts), company.history)
    probability = churn_probability(
        company.history,
        company.causes,
        seed,
        rows,
        days,
        horizon_days=horizon_days,
        lead_days=lead_days,
        futures=futures,
        progress=progress,
    )
    return pd.Series(probability, index=snapshots, name="true_churn_probability")


def _checked(accounts: int, seed: int, years: float, data_until: str | pd.Timestamp) -> pd.Timestamp:
    if not FEWEST <= accounts <= MOST:
        raise SettingsError(f"the demo company has {FEWEST} to {MOST:,} accounts (came: {accounts:,}).")
    if not SHORTEST <= years <= LONGEST:
        raise SettingsError(f"the demo company has {SHORTEST:g} to {LONGEST:g} years (came: {years:g}).")
    if seed < 0:
        raise SettingsError(f"the seed of the demo company is a whole number from 0 (came: {seed}).")
    until = pd.Timestamp(data_until)
    if until.tzinfo is not None or until != until.normalize():
        raise SettingsError(
            f"data_until is a midnight without time zone, such as 2026-01-01 (came: {data_until})."
        )
    return until
