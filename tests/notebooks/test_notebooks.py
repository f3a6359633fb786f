"""Does every notebook run from top to bottom, and do its values hold what its prose says?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipykernel.kernelspec import install
from nbclient import NotebookClient

from trained_project import ROOT, environment

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

ASKED_OF_FIRST_HOUR = """
import json

print(json.dumps({
    "fatal": len(found.fatal),
    "recent_labels": int(labels["churned"].xs(as_ofs[-1], level="as_of").notna().sum()),
    "leavers": len(company.tables["exits"]),
    "late_2023": float(report.loc["2023-09-01":"2023-12-01", "churn_rate"].mean()),
    "later": float(report.loc["2024-06-01":"2025-06-01", "churn_rate"].mean()),
    "auroc": pooled.query("metric == 'auroc'").set_index("model")["value"].to_dict(),
    "log_loss": pooled.query("metric == 'log_loss'").set_index("model")["value"].to_dict(),
    "further": further["cohort"].unique().tolist(),
    "near_and_far": further.query("model == @choice.champion").set_index("cohort")["value"].to_dict(),
    "champion": choice.champion,
    "gap": float(gap),
    "own_gap": float(abs(points.points.sum(axis=1) + points.base_risk - today["risk"]).max()),
    "accounts": len(today),
    "falls": int((risks.diff(axis=1).iloc[:, 1:] < 0).sum().sum()),
    "not_headline": int((today["risk"] != curve.headline(risks.to_numpy(), X_now)).sum()),
    "renewals": int((days == X_now["days_to_renewal"]).sum()),
    "reasons": reasons.loc[[worst], "sentence"].tolist(),
    "raised": int((reasons["direction"] == "raises").groupby(level="account_id").sum().max()),
    "truth": float(truth.mean()),
    "happened": float(said["churned"].mean()),
    "top_tenth": float(against["truth"].iloc[-1]),
    "lower_tenths": float(against["truth"].iloc[:5].mean()),
    "best": float(best),
    "rank": float(rank),
}))
"""

ASKED_OF_THE_INCUMBENT = """
import json

standing = verdict.standings[0]
print(json.dumps({
    "last_months": float(leavers.loc[:1].mean()),
    "a_year_before": float(leavers.loc[9:].mean()),
    "everybody": float(everybody),
    "rewritten": rewritten["external:health"].fillna(-1).tolist(),
    "beside": [spec.name for spec in beside],
    "direction": standing.direction,
    "coverage": standing.coverage,
    "rivals": [s.title for s in verdict.standings],
    "auroc": [standing.auroc.model, standing.auroc.rival],
    "said": paragraph(verdict),
    "answer": verdict.answer(standing),
    "low": standing.held.low, "high": standing.held.high,
    "held_at_capacity": float(by_capacity["logistic"].loc[0.1]),
    "held": standing.held.model,
    "percent": weights.to_frame()["weight_fitted"].sum().item(),
    "gain": weights.sentence,
}))
"""


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 'python3' that is this interpreter with this source tree, and leaves nothing in anybody's home."""
    install(prefix=str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for name in ("PYTHONPATH", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, environment()[name])


def executed(path: Path, folder: Path, question: str) -> nbformat.NotebookNode:
    """The notebook after a run in an empty folder, with `question` as a cell at its end."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(question, id="asked"))
    folder.mkdir()
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    assert list(folder.iterdir()) == [], "a notebook writes no files"
    return notebook


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def first_hour(notebook: nbformat.NotebookNode, told: dict[str, Any]) -> None:
    assert told["fatal"] == 0
    assert told["recent_labels"] == 0, "nobody's label of today is known"
    assert 40 <= told["leavers"] <= 60
    assert told["late_2023"] > 1.5 * told["later"]

    assert set(told["auroc"]) == {"base_rate", "scorecard", "logistic", "lightgbm", "blend"}
    assert max(told["auroc"].values()) < 0.9, "too good to be true"
    assert told["auroc"]["lightgbm"] > 0.6
    assert told["champion"] != "base_rate"
    assert told["log_loss"][told["champion"]] < told["log_loss"]["base_rate"]
    assert told["further"][:4] == ["by renewal", "30 days", "60 days", "90 days"]
    assert told["near_and_far"]["30 days"] > told["auroc"][told["champion"]], "nearer is easier to rank"

    assert told["accounts"] > 150
    assert told["falls"] == told["not_headline"] == 0 and told["renewals"] > 50
    assert max(told["gap"], told["own_gap"]) < 1e-9, "points sum to risk - base_risk"
    assert 1 <= len(told["reasons"]) <= 6 and 1 <= told["raised"] <= 4
    assert any(re.search(r"\d", sentence) for sentence in told["reasons"])

    assert abs(told["truth"] - told["happened"]) < 0.02
    assert told["top_tenth"] > 2 * told["lower_tenths"]
    assert told["auroc"][told["champion"]] < told["best"] < 0.95
    assert 0.05 < told["rank"] < 0.9

    left = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [cell for cell, output in left if "image/png" in output.get("data", {})]
    assert pictures == ["auroc", "reliability", "beeswarm", "truth-picture"]
    assert [output.text for _, output in left if output.get("name") == "stderr"] == []


def the_incumbent(notebook: nbformat.NotebookNode, told: dict[str, Any]) -> None:
    assert told["last_months"] < told["a_year_before"], "it turns red in the end"
    assert abs(told["a_year_before"] - told["everybody"]) < 8, "and is green until then"
    assert told["rewritten"] == [85.0, 5.0, -1]

    assert told["beside"] == ["incumbent:health_score", "scorecard_refit"]
    assert told["rivals"] == ["health_score", "scorecard"]
    assert told["direction"] == "low is risky" and told["coverage"] > 0.8
    assert max(told["auroc"]) < 0.9, "too good to be true"
    assert told["auroc"][0] > told["auroc"][1]
    told_by = {"better": told["low"] > 0, "worse": told["high"] < 0}
    assert told_by.get(told["answer"], told["low"] <= 0 <= told["high"]), "the answer is the interval's"
    assert "health_score" in told["said"] and "95 % interval" in told["said"]
    assert told["held_at_capacity"] == pytest.approx(told["held"])
    assert told["percent"] == 100 and "out of time" in told["gain"]

    left = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [cell for cell, output in left if "image/png" in output.get("data", {})]
    assert pictures == ["green-picture", "capacity-picture", "weights-picture"]
ASKED_OF_MODELS_COMPARED = """
import json

print(json.dumps({
    "champion": choice.champion,
    "best": best,
    "loss": loss["value"].to_dict(),
    "apart": apart["difference"].to_dict(),
    "verdicts": apart["verdict"].to_dict(),
    "regret": regret["mean"].to_dict(),
    "worst": regret["worst"].to_dict(),
    "by_lot": float(overlap.loc[champion, "base_rate"]),
    "kept": float(kept[champion]),
    "caught": month.caught / month.lost,
    "share": float(pooled.query("metric == 'mrr_caught_at_capacity'").set_index("model")["value"][champion]),
    "counts": cohorts["snapshots"].to_dict(),
}))
"""


def models_compared(notebook: nbformat.NotebookNode, told: dict[str, Any]) -> None:
    assert told["champion"] not in (None, "base_rate")
    assert told["loss"][told["best"]] == min(told["loss"].values())
    for model, difference in told["apart"].items():
        assert difference == pytest.approx(told["loss"][model] - told["loss"][told["best"]])
    assert told["verdicts"]["base_rate"] == "worse", "the best model is better than luck"
    assert all(0 <= told["regret"][m] <= told["worst"][m] for m in told["regret"])
    assert told["by_lot"] == pytest.approx(0.1), "a list by lot shares the capacity"
    assert 0.1 < told["kept"] <= 1
    assert told["caught"] == pytest.approx(told["share"]) and told["caught"] > 0.1
    counts = told["counts"]
    assert counts["all judged"] == counts["accounts met before"] + counts["accounts never met"]
    assert counts["all judged"] == counts["treated"] + counts["held out"] + counts["untreated"]
    assert min(counts["accounts never met"], counts["held out"]) > 0

    left = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [cell for cell, output in left if "image/png" in output.get("data", {})]
    assert pictures == ["folds", "board", "differences", "reliability", "lift", "trend"]
    assert [output.text for _, output in left if output.get("name") == "stderr"] == []


ASKED_OF_WHY = """
import json

print(json.dumps({
    "gap": float(gap),
    "common": [common.base_risk, float(common.points.sum()), common.risk],
    "riskiest": float(today["risk"].nlargest(common.rows).mean()),
    "reasons": its.index.tolist(),
    "worst": float(today["mrr_at_risk"].max()),
    "by_reason": by_reason.sum(axis=1).tolist(),
    "segments": sorted(by_reason.columns),
    "concepts": by_reason.index.tolist(),
}))
"""


def why_accounts_leave(notebook: nbformat.NotebookNode, told: dict[str, Any]) -> None:
    base, points, risk = told["common"]
    assert risk == pytest.approx(told["riskiest"]) and points == pytest.approx(risk - base, abs=1e-9)
    assert told["gap"] < 1e-9, "the steps end at the published risk"
    assert risk > 3 * base and told["worst"] > 0
    assert len(told["reasons"]) > 9 and any(re.search(r"\d", sentence) for sentence in told["reasons"])
    assert len(told["by_reason"]) == 8 and told["by_reason"] == sorted(told["by_reason"], reverse=True)
    assert min(told["by_reason"]) > 0 and "renewal" not in told["concepts"]
    assert len(told["segments"]) >= 2

    left = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [cell for cell, output in left if "image/png" in output.get("data", {})]
    assert pictures == ["swarm", "common", "one", "book-picture"]
    assert [output.text for _, output in left if output.get("name") == "stderr"] == []


ASKED_OF_A_QUARTER = """
import json

print(json.dumps({
    "mondays": [str(day.date()) for day in weeks.index],
    "versions": len({table.version for table in tables.values()}),
    "same": bool(same), "in_sample": again.in_sample,
    "heard": int(heard.max().max()), "cap": cap, "twice": int(told["alert_id"].duplicated().sum()),
    "held_out": int(weeks["held out"].sum()), "treated": int(weeks["plays begun"].sum()),
    "tasks_of_held_out": int(tasks["start_id"].isin(started[started["arm"] == "hold_out"]["start_id"]).sum()),
    "done_early": int((tasks["done_on"] > tasks["due"]).sum()),
    "around": float(first_said[["low", "expected", "high", "due"]].diff(axis=1).iloc[:, 1:].min().min()),
    "renewed": bool((first_said["renewed"] <= first_said["due"] + 1e-6).all()),
    "months": first_said["month"].tolist(),
    "late_commits": int((over["at"] >= over["renews_at"] + pd.Timedelta(days=1)).sum()), "over": len(over),
    "matrix": int(matrix.loc[["green", "orange", "red", "under notice"]].to_numpy().sum()),
    "book": len(healths[mondays[0]].frame), "left_of_matrix": int(matrix["left"].sum()),
    "gap": float((bridge[lines[:4]].sum(axis=1) - bridge[lines[4:]].sum(axis=1)).abs().max()),
    "nrr": [float(kept.figure("nrr")["value"]) for kept in (at_close, settled)],
    "grr": [float(kept.figure("grr")["value"]) for kept in (at_close, settled)],
    "left": len(who_left), "warned": who_left["days warned"].dropna().astype(int).tolist(),
    "not_green": who_left["days not green"].dropna().astype(int).tolist(),
    "arms": [int(of_all["given"]), int(of_all["held_out"])], "verdict": str(of_all["verdict"]),
    "effect": [float(of_all[name]) for name in ("low", "effect", "high")],
    "claimed": int((churn["verdict"] == "fewer left").sum()),
    "gone": [len(gone.lately), int(reasons["accounts"].sum()), int((gone.lately["left_at"] < mondays[0]).sum())],
    "naive": [float(share) for share in naive], "truth": [float(truth), float(spread), float(happened)],
}))
"""


def a_quarter(notebook: nbformat.NotebookNode, told: dict[str, Any]) -> None:
    assert len(told["mondays"]) == 13 and told["versions"] == 1
    assert told["same"] and not told["in_sample"], "no Monday knew what came after it"
    assert 0 < told["heard"] <= told["cap"] and told["twice"] == 0
    assert told["treated"] > told["held_out"] > 10
    assert told["tasks_of_held_out"] == told["done_early"] == 0, "who is held out gets nothing"
    assert told["around"] > -1e-6 and told["renewed"] and told["months"] == ["2025-07", "2025-08", "2025-09"]
    assert told["over"] > 20 and told["late_commits"] == 0
    assert told["matrix"] == told["book"], "every account of the first Monday is in one cell"
    assert told["gap"] < 0.005, "the bridge reconciles to the cent"
    for nrr, grr in zip(told["nrr"], told["grr"], strict=True):
        assert 0 < grr <= min(1, nrr)
    assert told["left"] > 0 and told["left_of_matrix"] <= told["left"] + 1
    assert all(days > 0 for days in told["warned"] + told["not_green"])
    low, effect, high = told["effect"]
    assert low <= 0 <= high and low < effect < high, "no play does anything in this company"
    assert min(told["arms"]) > 10 and told["verdict"] == "not shown" and told["claimed"] == 0
    assert told["gone"][0] == told["gone"][1] > told["left"] and told["gone"][2] == 0
    assert told["naive"][0] > told["naive"][1], "chosen by risk: what looks like an effect"
    truth, spread, happened = told["truth"]
    assert abs(happened - truth) < 4 * spread

    left = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [cell for cell, output in left if "image/png" in output.get("data", {})]
    assert pictures == ["alerts", "forecast", "kpis", "left-picture", "outcomes"]
    assert [output.text for _, output in left if output.get("name") == "stderr"] == []


# what is asked of each notebook at its end, and what must hold of the answer
HOLDS = {
    "01_first_hour.ipynb": (ASKED_OF_FIRST_HOUR, first_hour),
    "04_the_incumbent_judged.ipynb": (ASKED_OF_THE_INCUMBENT, the_incumbent),
    "03_models_compared.ipynb": (ASKED_OF_MODELS_COMPARED, models_compared),
    "05_why_accounts_leave.ipynb": (ASKED_OF_WHY, why_accounts_leave),
    "06_a_quarter_with_the_layer_on.ipynb": (ASKED_OF_A_QUARTER, a_quarter),
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_it_runs_from_top_to_bottom_and_holds_what_it_says(path, kernels, tmp_path):
    question, holds = HOLDS[path.name]
    notebook = executed(path, tmp_path / "run", question)
    holds(notebook, json.loads(printed(notebook.cells[-1])))


def test_no_notebook_is_promised_that_is_not_there():
    assert {path.name for path in NOTEBOOKS} == set(HOLDS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_it_is_committed_without_outputs_and_with_ids_that_stay(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None, cell.id
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids) and not any(re.fullmatch(r"[0-9a-f]{8}", i) for i in ids)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_what_it_links_to_is_there(path):
    prose = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", prose):
        assert (path.parent / link).exists(), link
