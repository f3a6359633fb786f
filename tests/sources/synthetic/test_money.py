import numpy as np
import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.sources.synthetic.money import LIST_RATES, in_currency


def test_an_account_pays_in_one_currency_and_most_in_dollars(company):
    s = company.tables["subscriptions"]
    assert (s.groupby("account_id")["currency"].nunique() == 1).all()
    share = s.drop_duplicates("account_id")["currency"].value_counts(normalize=True)
    assert set(share.index) == {"USD", "EUR", "GBP"}
    assert share["USD"] > 0.6
    assert share["EUR"] > share["GBP"] > 0.02
    of_invoices = company.tables["invoices"].groupby("account_id")["currency"].agg(["nunique", "first"])
    assert (of_invoices["nunique"] == 1).all()
    assert of_invoices["first"].eq(s.groupby("account_id")["currency"].first().reindex(of_invoices.index)).all()


def test_rates_are_known_from_the_first_day_on_and_move_a_little(company):
    rates = company.tables["rates"]
    assert set(rates["currency"]) == {"EUR", "GBP"}
    for name, of in rates.groupby("currency"):
        assert of["valid_from"].iloc[0] == company.history.calendar.start
        assert of["valid_from"].diff().dropna().dt.days.between(1, 31).all()
        moved = of["rate"] / LIST_RATES[str(name)]
        assert moved.between(0.75, 1.3).all()
        assert moved.nunique() > 10


def test_price_lists_abroad_say_the_same_in_their_own_currency():
    told = in_currency(pd.Series([108.0, 127.0, 50.0]), np.array(["EUR", "GBP", "USD"]))
    assert told.tolist() == [100.0, 100.0, 50.0]


def test_read_in_dollars_amounts_from_abroad_are_near_the_price_list_s(company):
    db = Database.from_frames(
        {n: company.tables[n] for n in ("accounts", "subscriptions", "rates")}, until=company.until
    )
    told = company.tables["subscriptions"].set_index(["subscription_id", "started_at"])
    read = db.frame("subscriptions").set_index(["subscription_id", "started_at"]).reindex(told.index)
    ratio = (read["mrr"] / 100 / told["mrr"])[told["mrr"] > 0]
    for name, listed in LIST_RATES.items():
        own = ratio[(told["currency"] == name)[told["mrr"] > 0]]
        assert np.allclose(own, listed, rtol=0.25 if name != "USD" else 1e-9)


def test_children_belong_to_older_accounts_that_are_no_one_s_child(company):
    accounts = company.tables["accounts"].set_index("account_id")
    children = accounts[accounts["parent_account_id"].notna()]
    parents = accounts.loc[children["parent_account_id"]]
    assert 0.03 < len(children) / len(accounts) < 0.15
    assert parents["parent_account_id"].isna().all()
    assert (parents["created_at"].to_numpy() <= children["created_at"].to_numpy() + np.timedelta64(1, "D")).all()
    assert children["parent_account_id"].duplicated().any()


def test_ten_thousand_accounts_have_names_of_their_own():
    from churnmodel.sources.synthetic.names import _company_names, account_ids

    assert len(set(_company_names(10_000, seed=7))) == 10_000
    assert pd.Index(account_ids(10_000)).is_monotonic_increasing
