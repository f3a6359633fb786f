"""Is a wrong mapping answered with the line to change?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.errors import AuditError, SourceError
from churnmodel.settings import read_settings
from churnmodel.sources.audit import audit
from churnmodel.workflow.mapping_lines import entries, located
from churnmodel.workflow.project import Project

GOOD = '''\
[project]
data_until = 2026-01-01

[tables.accounts]
source = "customers"
columns = { account_id = "id", created_at = "made" }

[tables.subscriptions]  # every version
sql = """
SELECT id AS subscription_id,
       cust AS account_id,  -- amount is not here
       start AS started_at,
       amount AS mrr
FROM subs
"""

[features]
static = []
'''


@pytest.fixture
def refused(tmp_path):
    (tmp_path / "data").mkdir()
    pd.DataFrame({"id": ["a"], "made": ["2024-01-01"]}).to_csv(tmp_path / "data" / "customers.csv", index=False)
    subs = pd.DataFrame({"id": ["s"], "cust": ["a"], "start": ["2024-01-01"], "amount": [-5.0]})
    subs.to_csv(tmp_path / "data" / "subs.csv", index=False)
    config = tmp_path / "churnmodel.toml"

    def with_edit(old, new):
        assert old in GOOD
        config.write_text(GOOD.replace(old, new), encoding="utf-8")
        with pytest.raises(SourceError) as refusal:
            _ = Project.open(config).db
        return str(refusal.value)

    config.write_text(GOOD, encoding="utf-8")
    return with_edit


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("amount AS mrr", "amout AS mrr", 13, '"amout" not found .* "amount"'),
        (
            "FROM subs",
            "FROM sub",
            14,
            r'Table with name sub does not exist! Did you mean "subs"\? \(has: customers, subs\)',
        ),
        ("FROM subs", "FRM subs", 14, "syntax error .*a comma missing at the end of the line before"),
        ("cust AS account_id", "cust::TIMESTAMP AS account_id", 11, "invalid timestamp"),
        ("amount AS mrr", "amount AS mr", 13, r"no column 'mrr' \(has: .*mr\).* Is 'mr' meant\?"),
        ("amount AS mrr", "amount AS paid", 8, r"no column 'mrr' \(has: .*paid\)"),
        ('"made"', '"mad"', 6, r"no column 'mad' for 'created_at' \(has: id, made\)"),
        ('"customers"', '"customer"', 5, r"no table 'customer' .*\(has: customers, subs\)"),
        ("created_at =", "creatd_at =", 6, "columns.creatd_at: the contract has"),
        ("[tables.accounts]", "[tables.acounts]", 4, "no such table in the contract"),
        ('sql = """\nSELECT id', 'sql = """SELECT idd', 9, '"idd" not found'),
    ],
)
def test_a_wrong_mapping_is_told_with_its_line(refused, old, new, line, told):
    message = refused(old, new)
    assert message.startswith(f"churnmodel.toml line {line}: ")
    assert "\n" not in message
    assert pd.Series([message]).str.contains(told).item(), message


def test_the_line_is_shown_where_the_engine_stopped(refused):
    assert refused("amount AS mrr", "amout AS mrr").endswith("The line reads: amout AS mrr")


def test_a_fatal_finding_names_the_line_that_maps_its_column(refused, tmp_path):
    made = Project.open(tmp_path / "churnmodel.toml")
    with (
        pytest.raises(AuditError, match=r"^churnmodel.toml line 13: subscriptions.mrr: ") as refusal,
        made.telling_lines(),
    ):
        audit(made.db).raise_if_fatal()
    assert type(refusal.value) is AuditError


def test_what_is_not_mapped_or_not_from_a_file_is_told_as_it_is(tmp_path):
    config = tmp_path / "churnmodel.toml"
    config.write_text(GOOD, encoding="utf-8")
    (tmp_path / "data").mkdir()
    pd.DataFrame({"id": ["a"]}).to_csv(tmp_path / "data" / "customers.csv", index=False)
    with pytest.raises(SourceError, match=r"^churnmodel.toml line 6: accounts: no column 'made'"):
        _ = Project.open(config).db
    with pytest.raises(SourceError, match=r"^accounts: no column 'made'"):
        _ = Project(read_settings(config)).db


def test_the_line_of_an_account_id_is_the_one_marked_as_join_key(tmp_path):
    config = tmp_path / "churnmodel.toml"
    shaped = "[tables.notes]\nsql = \"\"\"\nWITH n AS (SELECT x AS account_id FROM raw)\n{}\nFROM n\n\"\"\"\n"
    refusals = (AuditError("notes.account_id: 3 of 3 rows"), AuditError("notes: the table is empty; fill it"))
    config.write_text(shaped.format("SELECT c.key AS account_id,  -- JOIN KEY"), encoding="utf-8")
    for refusal in refusals:
        told = located(refusal, config)
        assert told is not None and told.startswith("churnmodel.toml line 4: notes")
        assert told.endswith("The line reads: SELECT c.key AS account_id,  -- JOIN KEY")
    config.write_text(shaped.format("SELECT c.key AS account_id,"), encoding="utf-8")
    assert [(located(r, config) or "").split(":")[0] for r in refusals] == [
        "churnmodel.toml line 3", "churnmodel.toml line 1"]  # fmt: skip


def test_a_bracket_inside_sql_opens_no_entry():
    text = '[tables.notes]\nsql = """\nSELECT\n[tables]\n"""\n[data]\n'
    found = entries(text)
    assert list(found) == ["notes"]
    assert len(found["notes"].lines) == 5
