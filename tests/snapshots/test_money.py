"""What is lost and gained is what was agreed; rates of exchange take and give nothing."""

from __future__ import annotations

import pytest

from churnmodel.snapshots.labels import LabelWindow, churn_labels
from small_worlds import looks, side_by_side, version, world

RATES = [
    {"currency": "EUR", "valid_from": day, "rate": rate}
    for day, rate in (("2024-01-01", 1.0), ("2024-06-01", 1.1), ("2025-01-15", 1.2), ("2025-02-15", 0.9))
]
BEGAN, DEARER, CHEAPER = "2024-01-01", "2025-02-01", "2025-03-01"  # at 1.0, 1.2 and 0.9


def euros(started_at, ended_at=None, mrr=100.0, **more):
    return version(started_at, ended_at, mrr=mrr, **({"currency": "EUR"} | more))


def became(mrr, day=DEARER, **more):
    """100 euros from `BEGAN` on, and from `day` on something else."""
    return [euros(BEGAN, day), euros(day, mrr=mrr, **more)]


SECOND = [euros("2024-07-01", DEARER, subscription_id="t"), euros(DEARER, subscription_id="t")]
STORIES = {  # rows; mrr at risk, lost and gained in dollars
    "flat, worth more": (became(100.0), (100, 0, 0)),
    "flat, worth less": (became(100.0, CHEAPER), (100, 0, 0)),
    "flat, of odd cents": (
        [euros("2024-07-01", CHEAPER, mrr=33.33), euros(CHEAPER, mrr=33.33)],
        (36.66, 0, 0),
    ),
    "cut, worth more": (became(90.0), (100, 10, 0)),
    "grown, worth less": (became(110.0, CHEAPER), (100, 0, 10)),
    "into dollars": (became(90.0, currency="USD"), (100, 10, 0)),
    "from dollars": (
        [version(BEGAN, DEARER, mrr=100.0, currency="USD"), euros(DEARER)],
        (100, 0, 20),
    ),
    "renewed under another number": (
        [euros(BEGAN, DEARER), euros(DEARER, subscription_id="t", currency="eur")],
        (100, 0, 0),
    ),
    "two, both flat": ([*became(100.0), *SECOND], (210, 0, 0)),
    "two, both paused": (
        [*became(0.0), SECOND[0], SECOND[1] | {"mrr": 0.0}],
        (210, 210, 0),
    ),
    "dollars beside it": ([*became(100.0), version(DEARER, mrr=7.0, subscription_id="u")], (100, 0, 7)),
    "left, and came back": ([euros("2024-07-01", "2025-01-20"), euros("2025-03-25")], (110, 110, 0)),
}


@pytest.fixture(scope="module")
def found():
    db = world(side_by_side({story: rows for story, (rows, _) in STORIES.items()}), rates=RATES)
    window = LabelWindow(horizon_days=90, grace_days=30)
    return churn_labels(db, looks("2025-01-01", accounts=list(STORIES)), window).droplevel("as_of")


@pytest.mark.parametrize("story", STORIES)
def test_money_is_compared_at_the_rates_of_the_day_of_looking(story, found):
    money = found.loc[story, ["mrr_at_risk", "mrr_lost", "mrr_gained"]].tolist()
    assert money == list(STORIES[story][1])


def test_without_rates_amounts_are_compared_as_they_stand():
    window = LabelWindow(horizon_days=90, grace_days=30)
    found = churn_labels(world(became(90.0, currency="USD")), looks("2025-01-01"), window).iloc[0]
    assert (found.mrr_at_risk, found.mrr_lost, found.mrr_gained) == (100, 10, 0)
