"""Do several presets make one project, and say which line is to be changed?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import churnmodel
from churnmodel.errors import SettingsError
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.audit import audit
from churnmodel.sources.schemas import CONTRACT
from churnmodel.workflow.init import starter
from churnmodel.workflow.presets.compose import Composition, told_presets
from churnmodel.workflow.presets.read import every_preset, read_presets

from .landed import STRIPE, project, rows
from .test_presets_crm import HUBSPOT
from .test_presets_events import SEGMENT
from .test_presets_support import ZENDESK

PRESETS = every_preset()
NAMES = [p.name for p in PRESETS]
PAGE = Path(__file__).parents[2] / "docs" / "presets.md"
BESIDE = {"cus_a": "101", "cus_b": "102"}  # the ids of the Stripe customers in HubSpot


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    tables = STRIPE | ZENDESK | HUBSPOT | SEGMENT
    tables["zendesk_organization"] = tables["zendesk_organization"].replace({"external_id": BESIDE})
    tables["segment_groups"] = tables["segment_groups"].replace({"group_id": BESIDE})
    return project(tmp_path_factory.mktemp("four"), "stripe,zendesk,hubspot,segment", tables)


def test_four_systems_make_one_project_with_features_of_all(four):
    assert not audit(four.db).fatal
    book = build_book(four.db, [pd.Timestamp("2025-02-15")], min_tenure_days=0)
    X = build_feature_matrix(four.db, book, four.features).droplevel("as_of")
    assert list(X.index) == ["101", "102", "103"]
    assert X["mrr"].tolist() == [120, 100, 50]
    assert X["tickets_opened_90d"].tolist() == [1, 1, 0]
    # in_2 is due that very day, in_3 was due the day before and is paid five days later
    assert X["overdue_amount"].tolist() == [0, 1200, 0]
    assert X.filter(regex="^events_28d$").squeeze().tolist() == [2, 0, 0]
    assert {f.family for f in four.features} >= {"usage", "support", "financial"}


def test_accounts_come_from_the_crm_whatever_the_order():
    for order in ("stripe,hubspot", "hubspot,stripe"):
        made = Composition(read_presets(order.split(",")))
        assert made.owners["accounts"].name == "hubspot"
        assert made.owners["subscriptions"].name == "stripe"
        assert made.account_of(made.owners["subscriptions"]) != "c.id"
    assert Composition(read_presets(["stripe"])).account_of(read_presets(["stripe"])[0]) == "c.id"


def test_a_table_two_presets_claim_goes_to_the_first_named_and_the_file_says_so():
    text = starter(["stripe", "amplitude", "segment"])
    told = tomllib.loads(text)["tables"]["usage_events"]["sql"]
    assert "amplitude_event" in told
    assert "segment_tracks" not in text
    assert "Offered by segment as well" in " ".join(text.replace("\n# ", " ").split())


def test_what_no_preset_fills_is_said():
    for names, lacks in ((["zendesk"], "accounts"), (["hubspot"], "subscriptions")):
        text = " ".join(starter(names).replace("\n# ", " ").split())
        assert f"No preset named here fills {lacks}" in text
    assert "No preset named here" not in starter(["stripe"])


@pytest.mark.parametrize("name", NAMES)
def test_every_table_of_a_preset_is_of_the_contract_and_fits_it(name):
    (preset,) = read_presets([name])
    for table, told in preset.tables.items():
        schema = CONTRACT[table]
        written = {*re.findall(r"\bAS (\w+)", told.sql), *re.findall(r"[\w)]\.(\w+),?\n", told.sql)}
        assert {c.name for c in schema.columns if c.required and not c.instead} <= written | {"seats"}
        # one line to change, and one only
        assert told.sql.count("{account}") == 1
        assert re.search(r"\{account\} AS account_id,?  -- JOIN KEY\n", told.sql)


@pytest.mark.parametrize("name", NAMES)
def test_no_preset_takes_the_time_of_a_sync_for_knowledge_or_drops_what_was_deleted_later(name):
    for table in read_presets([name])[0].tables.values():
        code = re.sub(r"--.*", "", table.sql)
        assert not re.search(r"_fivetran_synced|_airbyte_extracted_at|_sdc_|uuid_ts", code)
        assert not re.search(r"_fivetran_deleted|is_deleted|lifecyclestage|current_period_end", code)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_of_a_preset_reads_as_settings_and_marks_its_join_keys(name):
    text = starter([name])
    raw = tomllib.loads(text)
    (preset,) = read_presets([name])
    assert list(raw["tables"]) == [t for t in CONTRACT if t in preset.tables]
    assert text.count("-- JOIN KEY") == len(preset.tables)
    assert "{" not in "".join(t["sql"] for t in raw["tables"].values())
    assert all(reads in text for reads in preset.reads)
    assert max(len(line) for line in text.splitlines()) <= 120


def test_a_preset_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match=r"no preset 'zendesc'; did you mean 'zendesk'.*there are: hubspot"):
        read_presets(["stripe", "zendesc"])
    with pytest.raises(SettingsError, match="no preset named"):
        read_presets([" "])
    assert [p.name for p in read_presets(["Stripe ", "stripe", "stripe-items"])] == ["stripe", "stripe_items"]


def test_every_preset_is_listed_with_what_it_fills():
    told = told_presets(PRESETS)
    for preset in PRESETS:
        assert re.search(
            rf"^{preset.name} +{', '.join(preset.tables)}\n +{re.escape(preset.about)}", told, re.MULTILINE
        )


def test_the_page_tells_every_preset_as_it_is():
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("\n| `") == len(PRESETS)
    for preset in PRESETS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{preset.name}` |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert re.findall(r"`(\w+)`", cells[1]) == list(preset.tables)
        assert re.findall(r"`(\w+)`", cells[2]) == list(preset.reads)


def test_the_presets_come_with_the_package():
    folder = Path(churnmodel.__file__).parent / "workflow" / "presets"
    assert {p.stem for p in folder.glob("*.toml")} == set(NAMES)
    built = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = built["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["src/churnmodel"]
    assert "exclude" not in wheel


def test_a_join_key_that_fits_nothing_stops_the_check(tmp_path):
    tickets = ZENDESK | {
        "zendesk_organization": rows("id name external_id", (71, "Acme", "x1"), (72, "Bolt", "x2"))
    }
    made = project(tmp_path, "stripe,zendesk", STRIPE | tickets)
    assert [(f.table, f.code) for f in audit(made.db).fatal] == [("tickets", "orphans")]
