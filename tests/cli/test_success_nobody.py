"""Is a CSM whose accounts have all left told so, and only a name that no account ever had refused?"""

from __future__ import annotations

import pandas as pd
import pytest

from trained_project import TrainedProject

GONE = "looks after no account that is a customer now"
PAGES = {
    "health": f"Health of Zed, as known on 2026-01-01\nZed {GONE}",
    "tiers": f"Tiers of Zed, as known on 2026-01-01\nZed {GONE}",
}


@pytest.fixture(scope="module")
def own(trained_project: TrainedProject, tmp_path_factory: pytest.TempPathFactory) -> TrainedProject:
    """The accounts whose last contract ended a year before the day of looking were all Zed's."""
    copied = trained_project.copy(tmp_path_factory.mktemp("nobody") / "own")
    data = copied.folder / "data"
    contracts = pd.read_parquet(data / "subscriptions.parquet")
    ends = contracts["ended_at"].fillna(pd.Timestamp.max).groupby(contracts["account_id"]).max()
    accounts = pd.read_parquet(data / "accounts.parquet")
    left = accounts["account_id"].isin(ends.index[ends < "2025-01-01"])
    assert left.any()
    accounts.assign(csm=accounts["csm"].mask(left, "Zed")).to_parquet(data / "accounts.parquet")
    return copied


@pytest.mark.parametrize("page", PAGES)
def test_who_has_nobody_left_is_no_stranger(act, own, page, tmp_path):
    said = act("success", page, "-c", own.config, "--csm", "zed", "--csv", tmp_path / "z.csv")
    assert (said.exit_code, said.err) == (0, ""), said.err
    assert PAGES[page] in said.out, said.out
    assert (tmp_path / "z.csv").exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_name_no_account_ever_had_is_refused(act, own, page):
    said = act("success", page, "-c", own.config, "--csm", "Nobody")
    assert said.exit_code == 2 and "--csm 'Nobody': no account has that CSM" in said.err and "Zed" in said.err
