"""Which tables does the demo company keep? (all of the contract but the usage events, which are many)"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churnmodel.sources.schemas import CONTRACT
from churnmodel.sources.synthetic.contracts import Seats, build_subscriptions
from churnmodel.sources.synthetic.exits import build_exits
from churnmodel.sources.synthetic.goals import build_goals
from churnmodel.sources.synthetic.health import build_external_scores, build_interventions
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.incidents import build_incidents
from churnmodel.sources.synthetic.invoices import build_invoices
from churnmodel.sources.synthetic.money import build_rates
from churnmodel.sources.synthetic.names import build_accounts
from churnmodel.sources.synthetic.notes import build_notes
from churnmodel.sources.synthetic.people import build_users, seat_spells
from churnmodel.sources.synthetic.sentiment import build_metrics, build_surveys
from churnmodel.sources.synthetic.support import build_tickets
from churnmodel.sources.synthetic.touchpoints import build_touchpoints


def smaller_tables(history: History, seats: Seats, ids: pd.Index, seed: int) -> dict[str, pd.DataFrame]:
    """All tables but ``usage_events``, in the contract's columns and order."""
    subscriptions, spells = build_subscriptions(history, seats, ids, seed), seat_spells(history, seats, seed)
    built = {
        "accounts": build_accounts(history, ids, seed),
        "subscriptions": subscriptions,
        "invoices": build_invoices(history, subscriptions, ids, seed),
        "users": build_users(history, spells, ids, seed),
        "tickets": build_tickets(history, seats, ids, seed),
        "incidents": build_incidents(history, ids, seed),
        "surveys": build_surveys(history, ids, seed),
        "metrics": build_metrics(history, ids, seed),
        "notes": build_notes(history, ids, seed),
        "touchpoints": build_touchpoints(history, spells, ids, seed),
        "goals": build_goals(history, ids, seed),
        "interventions": build_interventions(history, ids, seed),
        "external_scores": build_external_scores(history, ids, seed),
        "exits": build_exits(history, ids, seed),
        "rates": build_rates(history.calendar, seed),
    }
    return {name: _in_order(name, table) for name, table in built.items()}


def _in_order(name: str, table: pd.DataFrame) -> pd.DataFrame:
    known = [*CONTRACT[name].names, "known_at", "event_id"]
    return table[[c for c in known if c in table]]


def whole(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The parts one below the other, joined column by column so that little is held twice. Empties `parts`."""
    columns: dict[str, pd.Series] = {}
    for name in parts[0].columns.tolist():
        columns[name] = pd.concat([part.pop(name) for part in parts], ignore_index=True)
    return pd.DataFrame(columns, copy=False)
