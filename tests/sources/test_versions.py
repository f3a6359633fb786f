"""Rows of one event_id: replays merge, and at every moment the latest version known before it holds."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from every_table import ACCOUNTS, AS_OFS, company, database

from churnmodel.features.catalog import available
from churnmodel.features.gauges import metric_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings import MetricSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from small_worlds import frame, looks, version, world

PAYING = [version("2024-01-01")]
ASKED = looks(*AS_OFS, accounts=ACCOUNTS)
DEPTH = metric_features({"depth": MetricSettings(label="depth")})
DAY = pd.Timedelta(days=1)


def everything(db):
    """Book, labels and features: all that a model is made of."""
    book = build_book(db, AS_OFS)
    labels = churn_labels(db, ASKED, LabelWindow(horizon_days=60))
    return book, labels, build_feature_matrix(db, ASKED, [*available(db), *DEPTH])


def same_bytes(ones, others):
    for one, other in zip(ones, others, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        for name in one.select_dtypes("float64"):
            assert one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes(), name


def named(tables, *, times=1, days_later=0):
    """Each row under an event_id of its own, and `times` of it, each learned some days after the one before."""
    replayed = {}
    for name, rows in tables.items():
        time, out = CONTRACT[name].time, []
        for i, row in enumerate(rows):
            for again in range(times):
                known = str(pd.Timestamp(row[time]) + again * days_later * DAY)
                out.append(row | {"event_id": f"e{i}", "known_at": known})
        replayed[name] = pd.DataFrame(out).sample(frac=1.0, random_state=3).to_dict("records")
    return replayed


@pytest.fixture(scope="module")
def plain():
    return database(company())


@pytest.fixture(scope="module")
def replayed():
    """Every row three times, learned on days three weeks apart."""
    return database(named(company(), times=3, days_later=23))


@pytest.fixture(scope="module")
def once(plain):
    return everything(plain)


def test_an_event_id_by_itself_changes_nothing(once):
    same_bytes(once, everything(database(named(company()))))


def test_replays_of_every_table_change_no_bit_of_book_labels_or_features(once):
    same_bytes(once, everything(database(named(company(), times=3))))


def test_replays_learned_on_later_days_change_no_bit_either(once, replayed):
    same_bytes(once, everything(replayed))


@pytest.mark.parametrize("table", [name for name, rows in company().items() if rows])
def test_a_replayed_table_holds_each_row_once_as_it_was_first_known(table, plain, replayed):
    assert "superseded_at" not in replayed.versions(table).columns, "nothing was said anew"
    order = list(CONTRACT[table].names)
    one, two = (db.frame(table).sort_values(order, ignore_index=True) for db in (plain, replayed))
    pd.testing.assert_frame_equal(one, two)


def test_without_an_event_id_nothing_is_merged(plain):
    once = [name for name in CONTRACT if name not in ("accounts", "subscriptions", "rates")]
    db = database(company() | {name: company()[name] * 3 for name in once})
    for name in once:
        assert len(db.frame(name)) == 3 * len(plain.frame(name)), name
    wanted = [f for f in available(db) if f.name == "events_28d"]
    three, one = (build_feature_matrix(d, ASKED, wanted)["events_28d"] for d in (db, plain))
    assert three.tolist() == (3 * one).tolist()


def bills(*rows, **options):
    """A world with these invoices of account a."""
    return world(PAYING, invoices=[{"issued_at": "2025-01-10"} | row for row in rows], **options)


def amounts(db, *as_ofs, account="a"):
    """The amounts of the account's invoices that are seen at each moment, in currency units."""
    found = db.run(db.paired("invoices", db.snapshots(looks(*as_ofs, accounts=[account]))))
    of = {str(at.date()): sorted(rows["amount"] / 100) for at, rows in found.groupby("as_of")}
    return [of.get(at, []) for at in as_ofs]


MOMENTS = ["2025-01-10", "2025-01-11", "2025-03-01", "2025-03-02", "2025-05-01", "2025-05-02", "2025-07-01"]
TOLD_THRICE = [
    {"event_id": "e", "amount": 1},
    {"event_id": "e", "amount": 2, "known_at": "2025-03-01"},
    {"event_id": "e", "amount": 3, "known_at": "2025-05-01"},
]


def test_a_version_holds_from_after_it_was_known_until_the_next_one_was():
    orders = [[row | {"event_id": f"e{i}"} for row in rows] for i, rows in enumerate(permutations(TOLD_THRICE))]
    found = amounts(bills(*(row for order in orders for row in order)), *MOMENTS)
    assert found == [[], *[[n] * 6 for n in (1, 1, 2, 2, 3, 3)]]


def test_a_database_cut_after_a_correction_still_knows_what_was_known_before_it():
    db = bills(*TOLD_THRICE)
    whole = amounts(db, *MOMENTS)
    for i, at in enumerate(MOMENTS):
        cut = db.cut(at)
        assert amounts(cut, *MOMENTS[: i + 1]) == whole[: i + 1]
        assert (cut.frame("invoices")["amount"] / 100).tolist() == whole[i]
        assert "superseded_at" not in cut.frame("invoices").columns


@pytest.mark.parametrize(("first", "second"), permutations(["2025-03-01", "2025-03-02", "2025-06-01"], 2))
def test_cutting_twice_is_cutting_at_the_earlier_moment(first, second):
    db, at = bills(*TOLD_THRICE), min(first, second)
    twice, cut = db.cut(first).cut(second), db.cut(at)
    assert twice.frame("invoices")["amount"].tolist() == cut.frame("invoices")["amount"].tolist()
    assert amounts(twice, at) == amounts(db, at)


def test_what_was_said_first_and_is_said_again_later_is_a_version_of_its_own():
    back = [TOLD_THRICE[0], TOLD_THRICE[1], TOLD_THRICE[2] | {"amount": 1}]
    assert amounts(bills(*back), *MOMENTS) == [[], [1], [1], [2], [2], [1], [1]]


def test_a_version_says_nothing_of_later_cells_before_their_time():
    rows = [{"event_id": "e", "amount": 1}, {"event_id": "e", "amount": 1, "paid_at": "2025-04-01"}]
    rows[1] |= {"known_at": "2025-03-01"}
    db = bills(*rows)
    as_ofs = ["2025-03-01", "2025-03-02", "2025-04-01", "2025-04-02"]
    found = db.run(db.paired("invoices", db.snapshots(looks(*as_ofs)))).sort_values("as_of")
    assert found["paid_at"].notna().tolist() == [False, False, False, True]


def test_a_correction_is_set_aside_where_it_cannot_be_read_and_the_version_before_it_stays():
    db = bills(TOLD_THRICE[0], TOLD_THRICE[1] | {"amount": None})
    assert amounts(db, *MOMENTS) == [[], *[[1]] * 6]


def test_the_book_and_the_features_of_a_day_are_those_of_what_was_known_then():
    one = version("2024-01-01", mrr=100.0, renews_at="2025-12-01") | {"event_id": "e"}
    corrected = one | {"mrr": 70.0, "renews_at": "2025-06-01", "known_at": "2025-04-15"}
    as_ofs = ["2025-04-01", "2025-04-15", "2025-05-01"]
    for db in (world([one, corrected]), world([corrected, one]).cut("2025-05-01")):
        book = build_book(db, as_ofs).droplevel("account_id")
        assert book["mrr"].tolist() == [100.0, 100.0, 70.0]
        assert book["renews_at"].dt.strftime("%m").tolist() == ["12", "12", "06"]
        mrr = build_feature_matrix(db, looks(*as_ofs), [f for f in available(db) if f.name == "mrr"])
        assert mrr["mrr"].tolist() == [100.0, 100.0, 70.0]


def test_a_label_is_what_is_known_when_it_is_asked():
    ended = version("2024-01-01", "2025-03-01") | {"event_id": "e"}
    never = ended | {"ended_at": None, "known_at": "2025-06-15"}
    db, window = world([ended, never]), LabelWindow(horizon_days=60, grace_days=10)
    asked = looks("2025-02-01")
    said = {at: churn_labels(db.cut(at), asked, window)["churned"].item() for at in ("2025-06-15", "2025-06-16")}
    assert said == {"2025-06-15": True, "2025-06-16": False}


@pytest.mark.parametrize("table", ["invoices", "usage_events", "incidents"])
def test_a_row_that_moves_to_another_account_leaves_the_first(table):
    time = CONTRACT[table].time
    row = {"event_id": "e", time: "2025-01-10", "amount": 1, "invoice_id": "i"}
    moved = row | {"account_id": "b", "known_at": "2025-03-01"}
    db = world([version("2024-01-01", account_id=a, subscription_id=a) for a in "ab"], **{table: [row, moved]})
    asked = db.snapshots(looks("2025-03-01", "2025-03-02", accounts=["a", "b"]))
    found = db.run(db.paired(table, asked)).sort_values("as_of")
    assert found["account_id"].tolist() == ["a", "b"]
    assert db.frame(table)["account_id"].tolist() == ["b"]


def test_an_incident_of_everyone_may_turn_out_to_be_of_one():
    row = {"event_id": "e", "started_at": "2025-01-10", "account_id": None}
    db = world(PAYING, incidents=[row, row | {"account_id": "a", "known_at": "2025-03-01"}])
    asked = db.snapshots(looks("2025-03-01", "2025-03-02", accounts=["a", "b"]))
    found = db.run(db.paired("incidents", asked)).groupby("as_of")["account_id"].agg(sorted)
    assert found.tolist() == [["a", "b"], ["a"]]


def test_a_subscription_that_moves_to_another_account_leaves_the_book_of_the_first():
    one = version("2024-01-01") | {"event_id": "e"}
    moved = one | {"account_id": "b", "known_at": "2025-03-01"}
    for db in (world([one, moved]), world([one, moved]).cut("2025-04-01")):
        book = build_book(db, ["2025-03-01", "2025-04-01"])
        assert book.index.get_level_values("account_id").tolist() == ["a", "b"]


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_rows_without_an_event_id_never_merge(blank):
    nameless = [{"event_id": blank, "amount": 1}] * 3
    assert amounts(bills(*nameless), "2025-02-01") == [[1, 1, 1]]
    beside = [*nameless, *TOLD_THRICE]
    assert amounts(bills(*beside), "2025-02-01", "2025-06-01") == [[1, 1, 1, 1], [1, 1, 1, 3]]


def test_event_ids_of_different_tables_do_not_meet():
    db = world(
        [PAYING[0] | {"event_id": "e"}],
        invoices=[{"event_id": "e", "issued_at": "2025-01-10", "amount": 1}],
        tickets=[{"event_id": "e", "opened_at": "2025-01-11"}],
    )
    assert [len(db.frame(name)) for name in ("subscriptions", "invoices", "tickets")] == [1, 1, 1]


def test_an_event_id_is_its_text_without_blanks_around_it():
    db = bills({"event_id": "7", "amount": 1}, {"event_id": " 7 ", "amount": 1}, {"event_id": "07", "amount": 1})
    assert len(db.frame("invoices")) == 2


def seen(*cases, at="2025-03-01"):
    """What is left of each case's rows, which have one event_id and one time, as it is known at `at`."""
    named_rows = [
        {"event_id": f"e{i}", "account_id": f"{i:02d}", "invoice_id": "i", "amount": 1} | row
        for i, rows in enumerate(cases)
        for row in rows
    ]
    found = bills(*named_rows).cut(at).frame("invoices").sort_values("account_id")
    assert len(found) == len(cases)
    found = found[["amount", "due_at", "paid_at", "failed_at"]].astype("object")
    return found.where(found.notna(), None).to_numpy().tolist()


FEB = pd.Timestamp("2025-02-01")


def test_of_rows_known_at_the_same_moment_one_stays_whatever_order_they_came_in():
    rows = [
        {"amount": 2, "paid_at": "2025-02-01"},
        {"amount": 2, "due_at": "2025-02-01"},
        {"amount": 1, "failed_at": "2025-02-01"},
        {"amount": 2},
    ]
    assert {str(case) for case in seen(*permutations(rows))} == {str([200, FEB, None, None])}


def test_of_rows_known_at_the_same_moment_the_one_that_tells_most_stays():
    told = [{}, {"failed_at": "2025-01-20"}, {"failed_at": "2025-01-20", "paid_at": "2025-02-01"}]
    for case in seen(*permutations(told)):
        assert case == [100, None, FEB, pd.Timestamp("2025-01-20")]


def test_no_cell_of_the_future_chooses_among_rows_known_at_the_same_moment():
    futures = list(permutations([None, "2025-06-01", "2025-07-01"], 2))
    dearer = seen(*([{"amount": 2, "paid_at": one}, {"paid_at": two}] for one, two in futures))
    assert dearer == [[100, None, None, None]] * 6
    failed = seen(*([{"failed_at": "2025-02-01", "paid_at": one}, {"paid_at": two}] for one, two in futures))
    assert failed == [[100, None, None, FEB]] * 6


def test_a_time_still_to_come_does_not_choose_though_its_column_stands_first():
    # both were answered on 5 June; one says when it was reopened, the other when it will be resolved
    tickets = [
        {"ticket_id": "t", "event_id": "e", "opened_at": "2025-06-01", "first_response_at": "2025-06-05", **later}
        for later in ({"resolved_at": "2025-07-15"}, {"reopened_at": "2025-06-10"})
    ]
    hidden = [tickets[0] | {"resolved_at": None}, tickets[1]]
    reopened = []
    for rows in (tickets, hidden, tickets[::-1], hidden[::-1]):
        db = world([version("2024-01-01")], tickets=rows)
        look = looks("2025-06-20")
        found = db.run(db.paired("tickets", db.snapshots(look)))
        reopened.append(found["reopened_at"].tolist())
    assert reopened == [reopened[0]] * 4


@pytest.mark.parametrize("seed", [0, 1])
def test_at_every_moment_each_thing_is_seen_as_it_was_last_told(seed):
    rng = np.random.default_rng(seed)
    n, days = 400, pd.date_range("2025-01-01", "2025-04-30")
    rows = pd.DataFrame({
        "event_id": rng.choice([*"abcdefghij", None], n),
        "account_id": rng.choice(["x", "y"], n),
        "invoice_id": "i",
        "issued_at": rng.choice(days[:20], n),
        "known_at": rng.choice(days, n),
        "amount": rng.integers(1, 4, n),
    })  # fmt: skip
    rows["known_at"] = rows[["known_at", "issued_at"]].max(axis=1)
    named_rows = rows["event_id"].notna()
    rows = rows[~named_rows | ~rows.duplicated(["event_id", "known_at"])]  # ties have tests of their own
    subs = [version("2024-01-01", account_id=a, subscription_id=a) for a in "xy"]
    frames = {"accounts": frame("accounts", [{"account_id": a, "created_at": "2024-01-01"} for a in "xy"])}
    db = Database.from_frames(
        frames | {"subscriptions": frame("subscriptions", subs), "invoices": rows}, until="2026-01-01", threads=1
    )
    as_ofs = [str(d.date()) for d in days[5::23]]
    for at in as_ofs:
        told = rows[rows["known_at"] < at].sort_values("known_at")
        has_id = told["event_id"].notna()
        expected = pd.concat([told[~has_id], told[has_id].drop_duplicates("event_id", keep="last")])
        for account in "xy":
            mine = sorted(expected.loc[expected["account_id"] == account, "amount"].tolist())
            assert amounts(db, at, account=account) == [mine] == amounts(db.cut(at), at, account=account)
