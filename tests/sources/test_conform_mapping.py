"""How a company's own names, or its SQL, become the contract's; and what a mapping that does not fit says."""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.settings import TableSettings
from churnmodel.sources.conform import read_table
from churnmodel.sources.connect import open_frames
from churnmodel.sources.schemas import CONTRACT


def mapped(frames, table, timezone="UTC", **mapping):
    return read_table(open_frames(frames, threads=1), CONTRACT[table], TableSettings(**mapping), timezone)


OWN = {"crm": pd.DataFrame({"id": ["a", "b"], "since": ["2024-01-01", "2024-02-01"], "size": ["smb", None]})}


def test_columns_are_mapped_by_name():
    reading = mapped(
        OWN, "accounts", source="crm", columns={"account_id": "id", "created_at": "since", "segment": "size"}
    )
    found = reading.table.to_pandas()
    assert found["account_id"].tolist() == ["a", "b"]
    assert found["created_at"].dt.strftime("%m-%d").tolist() == ["01-01", "02-01"]
    assert reading.extra == ()


def test_a_table_is_mapped_by_sql_over_the_companys_own():
    sql = "select id as account_id, since as created_at, upper(size) as segment from crm where id <> 'b'"
    found = mapped(OWN, "accounts", sql=sql).table.to_pandas()
    assert found[["account_id", "segment"]].to_numpy().tolist() == [["a", "SMB"]]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"source": "crn"}, r"no table 'crn' in the frames given \(has: crm\). Map it in churnmodel.toml"),
        (
            {"source": "crm"},
            r"accounts: no column 'account_id' \(has: id, since, size\). Map it under \[tables.accounts\]",
        ),
        (
            {"source": "crm", "columns": {"account_id": "ident"}},
            r"no column 'ident' for 'account_id' \(has: id, since, size\). Correct it under \[tables.accounts\]",
        ),
        (
            {"source": "crm", "columns": {"acount_id": "id"}},
            r"\[tables.accounts\] columns.acount_id: the contract has account_id",
        ),
        (
            {"source": "crm", "columns": {"superseded_at": "since"}},
            r"\[tables.accounts\] columns.superseded_at: the contract has account_id, .*, known_at, event_id$",
        ),
        (
            {"source": "crm", "columns": {"as_of": "since"}},
            r"\[tables.accounts\] columns.as_of: the contract has account_id",
        ),
        ({"sql": "select * from clients"}, r"the SQL cannot be run over the frames given \(has: crm\): .*clients"),
        ({"sql": "selec"}, r"the SQL cannot be run"),
        ({"sql": "select id as account_id from crm"}, r"accounts: no column 'created_at' \(has: account_id\)"),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_there_is_and_what_to_do(mapping, said):
    with pytest.raises(SourceError, match=said):
        mapped(OWN, "accounts", **mapping)


def test_what_says_which_rows_are_replays_is_mapped_like_any_column():
    crm = pd.concat([OWN["crm"], OWN["crm"]])
    columns = {"account_id": "id", "created_at": "since", "event_id": "id"}
    reading = mapped({"crm": crm}, "accounts", source="crm", columns=columns)
    assert reading.has_event_id and reading.extra == ("size",)
    assert sorted(reading.table.to_pandas()["account_id"]) == ["a", "b"]


@pytest.mark.parametrize("name", ["scored_at", "as_of"])
def test_a_column_is_mapped_under_either_of_its_names(name):
    sheet = pd.DataFrame({"id": ["a"], "day": ["2025-01-05"], "tool": ["sheet"], "health": [0.5]})
    columns = {"account_id": "id", name: "day", "source": "tool", "score": "health"}
    found = mapped({"sheet": sheet}, "external_scores", source="sheet", columns=columns).table.to_pandas()
    assert found["scored_at"].tolist() == [pd.Timestamp("2025-01-05")]
