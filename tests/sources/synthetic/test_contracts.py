import numpy as np
import pandas as pd


def _following(company):
    """Versions beside the next one of the same account; the last of each account left out."""
    s = company.tables["subscriptions"].sort_values(["account_id", "started_at"])
    after = s.groupby("account_id").shift(-1)
    both = s.assign(next_start=after["started_at"], next_id=after["subscription_id"], next_mrr=after["mrr"])
    return both[both["next_start"].notna()]


def test_each_version_starts_where_the_one_before_ended_but_for_late_renewals_and_reactivations(company):
    pairs = _following(company)
    gap = (pairs["next_start"] - pairs["ended_at"]).dt.days
    same = pairs["subscription_id"] == pairs["next_id"]
    assert pairs["ended_at"].notna().all()
    assert (gap >= 0).all()
    assert (gap[same & (gap > 0)].between(7, 29)).all()  # late renewals, within grace
    assert (gap[~same] >= 60).all()  # reactivations
    assert (same & (gap > 0)).any()
    assert (~same).any()


def test_no_version_is_empty_and_money_is_never_negative(company):
    s = company.tables["subscriptions"]
    assert (s["ended_at"].isna() | (s["ended_at"] > s["started_at"])).all()
    assert (s["mrr"] >= 0).all()
    assert (s["mrr"] <= s["list_mrr"] + 0.005).all()
    assert (s["seats"] >= 1).all()


def test_a_running_version_is_not_past_its_renewal(company):
    s = company.tables["subscriptions"]
    assert (s["renews_at"] > s["started_at"]).all()
    assert (s.loc[s["ended_at"].isna(), "renews_at"] >= company.until).all()
    assert (s["ended_at"].isna() | (s["ended_at"] <= s["renews_at"])).all()


def test_notice_is_given_while_the_version_runs_and_service_ends_at_its_renewal(company):
    s = company.tables["subscriptions"]
    told = s[s["cancelled_at"].notna()]
    assert len(told) > 20
    assert (told["cancelled_at"] >= told["started_at"]).all()
    assert told["auto_renews"].all()
    ended = told[told["ended_at"].notna()]
    assert (ended["cancelled_at"] < ended["ended_at"] + pd.Timedelta(days=1)).all()
    assert (ended["ended_at"] == ended["renews_at"]).mean() > 0.9  # the others were acquired or cut off first


def test_trials_come_first_and_pauses_are_short(company):
    s = company.tables["subscriptions"]
    free = s[s["mrr"] == 0]
    first = ~s.duplicated("account_id")
    trials = free[first.reindex(free.index)]
    pauses = free.drop(trials.index)
    length = (pauses["renews_at"] - pauses["started_at"]).dt.days
    assert len(trials) > 10
    assert len(pauses) > 3
    assert length.between(21, 63).all()
    assert (pauses["term_months"] == 1).all()


def test_invoices_go_out_in_service_and_are_paid_after_they_were_issued(company):
    invoices = company.tables["invoices"]
    assert (invoices["amount"] > 0).all()
    assert (invoices["due_at"] > invoices["issued_at"]).all()
    assert not (invoices["paid_at"] <= invoices["issued_at"]).any()
    assert not (invoices["failed_at"] >= invoices["paid_at"]).any()
    overdue = invoices["paid_at"].isna() & (invoices["due_at"] < company.until - pd.Timedelta(days=60))
    assert 0 < overdue.mean() < 0.05


def test_the_cut_off_left_with_an_invoice_unpaid(company):
    exits, invoices = company.tables["exits"], company.tables["invoices"]
    cut = exits.loc[exits["reason"] == "involuntary", "account_id"]
    unpaid = invoices.loc[invoices["paid_at"].isna(), "account_id"]
    assert len(cut) > 3
    assert cut.isin(unpaid).all()


def test_seats_grow_and_shrink(company):
    s = company.tables["subscriptions"].sort_values(["account_id", "started_at"])
    change = s.groupby("account_id")["seats"].diff().dropna()
    assert np.sum(change > 0) > 20
    assert np.sum(change < 0) > 20
