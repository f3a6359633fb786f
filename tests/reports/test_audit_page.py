"""Does the page of an audit tell all of it, to people, and obey nothing that stands in the data?"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from churnmodel.reports.audit_page import audit_page
from churnmodel.reports.page import percent
from churnmodel.reports.strips import MOST_BARS, WIDTH, strip
from churnmodel.sources.audit import Audit, audit
from churnmodel.sources.audit.weeks import TableWeeks, rows_per_week
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Outage, read_feeds
from sources.audited_world import UNTIL, Frames, added, cells, clean

PAYLOADS = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "</title></svg><svg onload=alert(1)>",
    "' style='position:fixed",
)


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(world: Frames, project: str = "Acme") -> tuple[Audit, str]:
    db = Database.from_frames(world, until=UNTIL)
    found = audit(db)
    return found, audit_page(found, rows_per_week(db, read_feeds(db)), project)


@pytest.fixture(scope="module")
def hostile() -> tuple[Audit, str]:
    """Payloads as ids, as a name, as a category, as column names, and as the project's name."""
    world = clean()
    for k, payload in enumerate(PAYLOADS):
        world = added("metrics", account_id=payload, metric=payload)(world)
        world = cells("invoices", "currency", **{f"r{k}": payload})(world) if k < 4 else world
        world["accounts"] = world["accounts"].assign(**{payload: "x", "name": payload})
    world = cells("subscriptions", "mrr", r0=PAYLOADS[0])(world)
    del world["rates"]
    return page_of(world, project=PAYLOADS[0])


def test_nothing_from_the_data_becomes_an_element_or_an_attribute(hostile: tuple[Audit, str]) -> None:
    found, html = hostile
    seen = Elements(html)
    assert not seen.tags & {"script", "img", "iframe", "object", "link", "base", "form", "embed", "foreignobject"}
    assert [name for name, _ in seen.attributes if name.startswith("on")] == []
    assert [value for name, value in seen.attributes if name == "style" or "fixed" in (value or "")] == [
        value for name, value in seen.attributes if name == "aria-label" and "fixed" in (value or "")
    ]
    assert {"orphans", "mixed_currencies", "unreadable_cells"} <= {f.code for f in found.findings}
    for payload in PAYLOADS:
        assert payload in seen.text, "and yet it is shown as it was written"
    assert "49" not in re.findall(r"7 \* 7|\b49\b", seen.text)


def test_the_page_needs_nothing_from_elsewhere_and_has_no_script(hostile: tuple[Audit, str]) -> None:
    _, html = hostile
    asked = [value for name, value in Elements(html).attributes if name in ("href", "src", "xlink:href", "action")]
    assert all(value is not None and value.startswith("#") for value in asked)
    assert "url(" not in html and "@import" not in html and "http://" not in html and "https://" not in html
    assert "default-src 'none'" in html


def test_the_verdict_stands_before_the_tables_and_these_before_the_findings() -> None:
    found, html = page_of(cells("subscriptions", "mrr", r0=-1.0)(clean()))
    text = Elements(html).text
    told = ("Not fit to learn from: 1 fatal finding.", "Rows per week", "Fatal (1)")
    places = [text.index(part) for part in told]
    assert places == sorted(places)
    assert text.index("Fatal (1)") < text.index("Counted (") < text.index("Notes (")
    for finding in found.findings:
        assert finding.code in text and " ".join(finding.message.split())[1:80] in " ".join(text.split())


def test_each_verdict_is_told_in_its_own_words() -> None:
    _, counted = page_of(clean())
    assert "Fit to learn from, with 1 finding to look at." in counted  # few endings: it fits on paper
    found = Audit((), (), pd.Timestamp(UNTIL))
    assert "Fit to learn from." in audit_page(found, (), "Acme") and "Nothing wrong was found" in audit_page(
        found, (), "Acme"
    )


def test_examples_counts_and_shares_are_shown() -> None:
    _, html = page_of(cells("metrics", "account_id", r0="gone")(clean()))
    text = Elements(html).text
    assert "gone" in text and "2025-01-06" in text and "1 of 104 rows (1.0 %)" in text


def test_the_same_tables_give_the_same_page() -> None:
    world = clean()
    assert page_of(world)[1] == page_of({**world, "metrics": world["metrics"][::-1]})[1]


def test_weeks_stand_on_one_axis_from_monday_to_monday_and_count_every_row() -> None:
    db = Database.from_frames(clean(), until=UNTIL)
    weeks = {w.table: w for w in rows_per_week(db, read_feeds(db))}
    axes = {(w.rows.index[0], w.rows.index[-1], len(w.rows)) for w in weeks.values()}
    assert axes == {(pd.Timestamp("2024-01-01"), pd.Timestamp("2025-12-29"), 105)}
    assert weeks["metrics"].rows.sum() == 104 and weeks["metrics"].rows["2025-06-02"] == 2
    late = {**clean(), "surveys": clean()["surveys"].assign(sent_at="2026-02-01", answered_at="2026-02-02")}
    db = Database.from_frames(late, until=UNTIL)
    assert "surveys" not in {w.table for w in rows_per_week(db, read_feeds(db))}, "nothing from before data_until"


def test_an_outage_is_drawn_over_its_own_days_and_a_long_history_in_fewer_bars() -> None:
    rows = pd.Series(7, pd.date_range("2025-01-06", periods=50, freq="7D"))
    outage = Outage(pd.Timestamp("2025-01-13"), pd.Timestamp("2025-01-20"), 70, True)
    [box] = strip(TableWeeks("usage_events", rows, (outage,))).outages
    assert (box.x, box.width) == (round(WIDTH / 50, 1), round(WIDTH / 50, 1))
    assert box.says == "no rows from 2025-01-13 to 2025-01-19, about 70 were due"
    long = strip(TableWeeks("usage_events", pd.Series(1, pd.date_range("2020-01-06", periods=400, freq="7D")), ()))
    assert len(long.bars) == 134 <= MOST_BARS
    assert [year for _, year in long.years] == ["2021", "2022", "2023", "2024", "2025", "2026", "2027"]


@pytest.mark.parametrize(("share", "said"), [(1, "100 %"), (0.015, "1.5 %"), (0.0009, "under 0.1 %"), (0, "0 %")])
def test_a_share_is_told_as_percent(share: float, said: str) -> None:
    assert percent(share) == said
