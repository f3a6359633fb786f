from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from by_hand import AS_OF, PAYING

from churnmodel.errors import FeatureError
from churnmodel.explanation.wording import check_wording, sentence
from churnmodel.features import catalog
from churnmodel.features.catalog import available, project_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.own import own_features
from churnmodel.settings import settings_from
from small_worlds import looks, world

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own_features.md"
HEAD = """
from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level

def one(name="mine", table="tickets", where=None, measure=True, wording="{%s:n} of them"):
    return Feature(name, "support", "mine", "What I count.", "count",
                   Wording(wording % name if "%s" in wording else wording, unknown="Not known"),
                   Level(Aggregate(table, "count", where=where)) if measure else None)
"""


@pytest.fixture
def written(tmp_path):
    def write(source: str, head: str = HEAD) -> Path:
        path = tmp_path / "my_features.py"
        path.write_text(head + source, encoding="utf-8")
        return path

    return write


@pytest.fixture
def of_the_page(written):
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return written(source, head="")


def test_the_example_of_the_page_is_built_and_spoken(of_the_page):
    features = own_features(of_the_page)
    opened = [("2025-06-01", "Login"), ("2025-06-01", "x"), ("2025-07-01", "login")]
    tickets = [{"ticket_id": str(i), "opened_at": day, "category": c} for i, (day, c) in enumerate(opened)]
    db = world(PAYING, tickets=tickets)
    X = build_feature_matrix(db, looks(AS_OF), features)
    assert X.iloc[0].to_dict() == {"login_tickets_90d": 1.0, "login_ticket_share_90d": 0.5}
    assert check_wording(features) == []
    said = [sentence(f, X.iloc[0].to_dict(), X.index[0][1]) for f in features]
    assert said == [
        "1 ticket about the login in the last 90 days",
        "50% of tickets in the last 90 days were about the login",
    ]


def test_a_column_that_a_company_lacks_makes_an_own_feature_absent(of_the_page):
    features = own_features(of_the_page)
    db = world(PAYING)
    assert available(db, features) == []


def test_the_list_alone_counts_not_what_the_file_makes_beside_it(written):
    path = written("made = one('beside')\nFEATURES = (one('listed'),)")
    assert [f.name for f in own_features(path)] == ["listed"]


def test_a_file_leaves_no_trace(written):
    before = set(sys.modules)
    path = written("FEATURES = [one()]")
    own_features(path)
    assert {name for name in set(sys.modules) - before if "my_features" in name} == set()
    assert [p.name for p in path.parent.iterdir()] == ["my_features.py"]


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("", "FEATURES has no such name; wanted a list"),
        ("FEATURES = one()", "FEATURES is a Feature; wanted a list"),
        ("FEATURES = [one(), 'two']", r"FEATURES\[1\] is a str; wanted a Feature"),
        ("FEATURES = [one(), one()]", "two features are named 'mine'"),
        ("FEATURES = [one(measure=False)]", "mine: has no measure"),
        ("FEATURES = [one('not a name')]", "feature name 'not a name'"),
        ("FEATURES = [one(table='ticket')]", "mine: its measure reads table 'ticket'; wanted one of accounts, "),
        ("FEATURES = [one(table='exits')]", "mine: its measure reads table 'exits'"),
        (
            "FEATURES = [one(where=Cell('c', lambda t: t.categori == 'x', reads=('category',)))]",
            r"mine: cell 'c' cannot be computed over tickets \(has: ticket_id, .*AttributeError.*categori",
        ),
        (
            "FEATURES = [one(where=Cell('c', lambda t: t.category == 'x', reads=('categori',)))]",
            r"cell 'c' reads tickets.categori, which the contract does not have \(has: ticket_id, ",
        ),
        (
            "FEATURES = [one(where=Cell('c', lambda t: t.category == 'x'))]",
            r"cell 'c' looks at tickets.category, which a company may not have: add reads=\('category',\)",
        ),
        ("FEATURES = [nobody]", r"my_features.py: line \d+: NameError: name 'nobody' is not defined"),
        ("FEATURES = [", "SyntaxError"),
        ("raise SystemExit('enough')", r"line \d+: SystemExit: enough"),
    ],
)
def test_what_is_wrong_is_told_with_the_place(written, source, refusal):
    with pytest.raises(FeatureError, match=refusal) as told:
        own_features(written(source))
    assert "features.own" in str(told.value) or "feature name" in str(told.value)


def test_a_file_that_is_not_there_is_told_with_where_it_was_sought(tmp_path):
    with pytest.raises(FeatureError, match=r"features.own, mine.py: no file at .*mine.py. Correct features.own"):
        own_features(tmp_path / "mine.py")


def test_a_column_of_accounts_that_is_the_companys_own_may_be_read(written):
    source = (
        "TIER = Cell('gold', lambda t: t['Tier'] == 'gold', reads=('Tier',))\n"
        "FEATURES = [one(table='accounts', where=TIER)]"
    )
    features = own_features(written(source))
    accounts = [{"account_id": "a", "created_at": "2024-01-01", "Tier": "gold"}]
    db = world(PAYING, accounts=accounts)
    assert build_feature_matrix(db, looks(AS_OF), features)["mine"].tolist() == [1.0]


def with_own(path: Path, **features):
    """Settings that name the file, whichever keys the settings know of today."""
    settings = settings_from({"project": {"data_until": "2026-01-01"}}, base=path.parent)
    named = SimpleNamespace(include=("*",), exclude=(), static=(), own=Path(path.name), **features)
    return SimpleNamespace(metrics={}, features=named, base=settings.base)


def test_the_project_adds_them_after_the_catalog(written):
    names = [f.name for f in project_features(with_own(written("FEATURES = [one()]")), check=check_wording)]
    assert names == [*(f.name for f in catalog.CATALOG), "mine"]


def test_the_name_of_another_feature_is_refused(written):
    with pytest.raises(FeatureError, match="two features are named 'mrr'"):
        project_features(with_own(written("FEATURES = [one('mrr')]")))


def test_a_sentence_that_cannot_be_said_is_refused(written):
    settings = with_own(written("FEATURES = [one(wording='{mine:numbers} of them')]"))
    with pytest.raises(FeatureError, match=r"cannot be said: mine.text: .*format 'numbers'"):
        project_features(settings, check=check_wording)
