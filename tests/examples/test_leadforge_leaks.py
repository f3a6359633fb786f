"""Are the traps of somebody else's tables caught, each with its column, and the honest mapping left in peace?

Each trap is a mapping that a hurried person would write: the tables themselves hold the state of the end.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.checks import Finding
from churnmodel.evaluation.leaks_asked import ask_columns
from churnmodel.evaluation.leaks_findings import FEATURES, RAW, SCORES, columns_of
from churnmodel.evaluation.leaks_rewritten import MRR, RENEWALS, check_mrr_of_its_time, check_terms_have_rows
from churnmodel.evaluation.leaks_sample import draw_from, only_accounts, spread_over
from churnmodel.settings import settings_from
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.sources.database import snapshot_index
from churnmodel.workflow.leaks import prove_project
from churnmodel.workflow.project import Project

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "examples" / "leadforge" / "churnmodel.toml"
DATA = ROOT.parent / "shared" / "data" / "leadforge_seed11"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA.name} beside the project"),
]

STATUS_AT_ISSUE = """
SELECT invoice_id, customer_id AS account_id, invoice_date::DATE AS issued_at, invoice_date::DATE AS due_at,
       CASE WHEN payment_status IN ('paid', 'recovered') THEN invoice_date::DATE END AS paid_at,
       CASE WHEN payment_status IN ('failed', 'written_off') THEN invoice_date::DATE END AS failed_at,
       amount_usd AS amount, 'USD' AS currency
FROM invoices
"""
ONE_ROW_EACH = """
SELECT s.subscription_id, s.customer_id AS account_id, s.subscription_start_at AS started_at,
       s.churn_at AS ended_at, c.initial_mrr AS mrr, s.plan_name AS plan, s.contract_term_months AS term_months,
       s.subscription_start_at::DATE
         + ((s.renewal_count + 1) * (s.contract_term_months / 12 * 364))::INTEGER AS renews_at
FROM subscriptions s JOIN customers c USING (customer_id)
"""


def honest(raw: dict, folder: Path) -> None:
    """As the example maps it."""


def payment_status(raw: dict, folder: Path) -> None:
    raw["tables"]["invoices"]["sql"] = STATUS_AT_ISSUE


def current_mrr(raw: dict, folder: Path) -> None:
    sql = raw["tables"]["subscriptions"]["sql"]
    assert sql.count("       v.mrr,") == 1
    sql = sql.replace("       v.mrr,", "       s.current_mrr AS mrr,")
    raw["tables"]["subscriptions"]["sql"] = sql.replace(
        "FROM versions v JOIN", "FROM versions v JOIN subscriptions s USING (customer_id) JOIN"
    )


def renews_at(raw: dict, folder: Path) -> None:
    raw["tables"]["subscriptions"]["sql"] = ONE_ROW_EACH


def scores(raw: dict, folder: Path, rewritten: bool = True) -> None:
    """A score every 30 days that says a little near the end; where rewritten, that of leavers is low all along."""
    for path in DATA.glob("*.parquet"):
        (folder / path.name).symlink_to(path)
    rng = np.random.default_rng(3)
    rows = []
    for s in pd.read_parquet(DATA / "subscriptions.parquet").itertuples():
        left = isinstance(s.churn_at, str)
        days = pd.date_range(s.subscription_start_at, s.churn_at if left else "2027-01-27", freq="30D")
        near = (days > days[-1] - pd.Timedelta(days=120)) & left
        values = rng.normal(60 - 8 * near, 15)
        if left and rewritten:
            values = rng.normal(12, 6, len(days))
        rows.append(pd.DataFrame({"account_id": s.customer_id, "scored_at": days, "score": values.clip(0, 100)}))
    pd.concat(rows).assign(source="health").to_parquet(folder / "external_scores.parquet")
    raw["data"] = {"folder": str(folder)}


def honest_scores(raw: dict, folder: Path) -> None:
    scores(raw, folder, rewritten=False)


def opened(trap: Callable[[dict, Path], None], folder: Path) -> Project:
    raw = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    raw |= {"data": {"folder": str(DATA)}, "output": {"folder": str(folder / "out")}}
    trap(raw, folder)
    return Project(settings_from(raw, base=CONFIG.parent))


@dataclass(frozen=True)
class Trap:
    """A mapping, and of each question that must fire columns it must name."""

    change: Callable[[dict, Path], None]
    named: dict[str, set[str]]


TRAPS = {
    "honest": Trap(honest, {}),
    "honest scores": Trap(honest_scores, {}),
    "payment_status": Trap(
        payment_status,
        {FEATURES: {"invoices.failed_at", "invoices.paid_at"}, RAW: {"invoices.failed_at", "invoices.paid_at"}},
    ),
    "current_mrr": Trap(current_mrr, {MRR: {"subscriptions.mrr"}}),
    "renews_at": Trap(
        renews_at,
        {
            FEATURES: {"subscriptions.renews_at"},
            RAW: {"subscriptions.renews_at"},
            RENEWALS: {"subscriptions.renews_at"},
        },
    ),
    "scores": Trap(scores, {SCORES: {"external_scores.score"}}),
}


def answers(project: Project, seed: int) -> dict[str, Finding]:
    """The questions that need no backtest, of 1,200 accounts."""
    cohort = build_cohort(project.db, project.as_ofs(), grace_days=0)
    index = snapshot_index(cohort)
    accounts = draw_from(index.get_level_values("account_id").unique(), 1_200, seed)
    db = only_accounts(project.db, accounts, "some")
    days = spread_over(pd.DatetimeIndex(index.get_level_values("as_of")), 36)
    here = index[index.get_level_values("account_id").isin(accounts) & index.get_level_values("as_of").isin(days)]
    asked = ask_columns(db, project.features, here, project.window, seed=seed)
    found = (*asked.findings, check_mrr_of_its_time(db), check_terms_have_rows(db))
    return {f.title: f for f in found}


@pytest.fixture(scope="module", params=list(TRAPS))
def caught(request, tmp_path_factory) -> tuple[Trap, dict[str, Finding]]:
    trap = TRAPS[request.param]
    return trap, answers(opened(trap.change, tmp_path_factory.mktemp("trap")), seed=0)


def test_each_trap_fires_its_questions_with_its_columns_and_no_other(caught):
    trap, found = caught
    fired = {title: f for title, f in found.items() if f.status == "fired"}
    assert set(fired) == set(trap.named), [f.message for f in fired.values()]
    for title, columns in trap.named.items():
        assert columns <= {*columns_of(fired[title])}
        assert any(column in fired[title].message for column in columns)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_honest_mapping_is_clean_for_other_accounts_too(seed, tmp_path):
    found = answers(opened(honest, tmp_path), seed)
    assert [f.message for f in found.values() if f.status == "fired"] == []


def test_the_whole_proof_finds_nothing_in_the_honest_example(tmp_path):
    proof = prove_project(opened(honest, tmp_path))
    assert [f.message for f in proof.fired] == []
    assert sum(f.status == "silent" for f in proof.findings) == 7  # no outside scores, no known_at
    assert {p.window for p in proof.strongest} == {"near", "far", "ever"}
    # far from what would not be believed
    assert max(p.auroc for p in proof.strongest) < 0.65
