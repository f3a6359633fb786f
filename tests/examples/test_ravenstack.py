"""Does churnmodel name the contradictions of a company, and say that nothing can be learned from it?"""

from __future__ import annotations

from pathlib import Path

import pytest

from churnmodel.scoring.champion import champion_folder
from churnmodel.settings import OutputSettings
from churnmodel.sources.audit import Audit
from churnmodel.workflow.check import check
from churnmodel.workflow.project import Project
from churnmodel.workflow.train import Trained, train

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "examples" / "ravenstack" / "churnmodel.toml"
DATA = ROOT.parent / "shared" / "data" / "ravenstack"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA.name} beside the project"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The example, with fewer folds and models: it is the outcome that is tested, not the figures."""
    settings = Project.open(CONFIG, data=DATA).settings
    lean = settings.training.model_copy(update={"folds": 2, "draws": 100, "models": ("base_rate", "logistic")})
    home = OutputSettings(folder=tmp_path_factory.mktemp("ravenstack"))
    return Project(settings.model_copy(update={"output": home, "training": lean}))


@pytest.fixture(scope="module")
def trained(project: Project) -> Trained:
    return train(project)


@pytest.fixture(scope="module")
def found(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    page = tmp_path_factory.mktemp("page") / "ravenstack.html"
    checked = check(project, html=page)
    assert checked.written == (page,) and "churn_flag" in page.read_text(encoding="utf-8")
    return checked.audit


@pytest.mark.parametrize(
    ("code", "where", "count", "share"),
    [
        ("before_subscription", "usage_events.occurred_at", 19_125, 0.77),
        ("before_account", "tickets.opened_at", 1_077, 0.54),
        ("shared_event_ids", "usage_events.event_id", 21, 0.001),
        ("flags_disagree", "accounts.churn_flag", 35 + 277, 0.62),
    ],
)
def test_each_known_contradiction_is_counted_and_stops_nothing(
    found: Audit, code: str, where: str, count: int, share: float
) -> None:
    [finding] = [f for f in found.findings if (f.code, f.where) == (code, where)]
    assert (finding.severity, finding.count) == ("counted", count)
    assert finding.share == pytest.approx(share, abs=0.005)
    assert finding.examples, "rows are named"
    assert found.fatal == ()


def test_training_finds_no_signal_says_so_and_registers_nobody(project: Project, trained: Trained) -> None:
    fired = {f.code: f.status for f in trained.learned.findings}
    assert fired["CHN003"] == "fired" and fired["CHN001"] == "silent" and fired["CHN007"] == "silent"
    assert trained.learned.choice.champion is None and trained.champion is None
    assert not (project.home / "models" / "champion.json").exists()
    with pytest.raises(Exception, match="no champion yet"):
        champion_folder(project.home)
    table = trained.learned.leaderboard
    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & (table["metric"] == "auroc")]
    [row] = pooled[pooled["model"] == "logistic"].to_dict("records")
    assert row["low"] < 0.58 and row["value"] < 0.6, "anything better would be a leak"


def test_the_last_words_of_training_are_that_there_is_no_signal(
    project: Project, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    from churnmodel.cli.show import train_end

    train_end(trained, project)
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith(
        "No usable signal was found in these tables: no model is better than a baseline (CHN003), and no champion "
        "was registered."
    )


def test_the_book_is_paid_by_who_had_a_paid_subscription_that_no_churn_event_had_ended(project: Project) -> None:
    import pandas as pd

    from churnmodel.snapshots.cohort import build_book

    day = pd.Timestamp("2024-07-01")
    subscriptions = pd.read_csv(DATA / "ravenstack_subscriptions.csv", parse_dates=["start_date", "end_date"])
    exits = pd.read_csv(DATA / "ravenstack_churn_events.csv", parse_dates=["churn_date"])
    paid = subscriptions[(subscriptions["mrr_amount"] > 0) & (subscriptions["start_date"] < day)]
    paid = paid[~(paid["end_date"] < day)]
    ended = paid.merge(exits, on="account_id")
    ended = ended[(ended["churn_date"] > ended["start_date"]) & (ended["churn_date"] < day)]["subscription_id"]
    still = paid[~paid["subscription_id"].isin(ended)]
    mrr = still.groupby("account_id")["mrr_amount"].sum()
    book = build_book(project.db, [day], grace_days=0)["mrr"].droplevel("as_of")
    running = book[book > 0]
    assert running.to_dict() == mrr[mrr.index.isin(running.index)].to_dict()
    assert set(mrr.index) == set(running.index)
