import numpy as np
import pytest

from churnmodel.sources.synthetic.phrases import (
    BY_CSM,
    BY_CUSTOMER,
    CONCERNS,
    TONE_OF_COMMENT,
    TONE_OF_NOTE,
    TONE_OF_TICKET,
)

TOLD = {
    "tickets": ("opened_at", "text", TONE_OF_TICKET, BY_CUSTOMER),
    "surveys": ("sent_at", "comment", TONE_OF_COMMENT, BY_CUSTOMER),
    "notes": ("written_at", "text", TONE_OF_NOTE, BY_CSM),
}


@pytest.fixture(scope="module")
def told(company):
    """Per table: its rows with text, and week and account of each."""
    ids, out = company.tables["accounts"]["account_id"].to_numpy(), {}
    for name, (time, column, *_) in TOLD.items():
        rows = company.tables[name].dropna(subset=[column])
        week = ((rows[time] - company.history.calendar.start).dt.days // 7).to_numpy()
        out[name] = rows[column], week, np.searchsorted(ids, rows["account_id"].to_numpy())
    return out


def _says(texts, phrases):
    wanted = [p for p in phrases if p]
    return np.array([any(p in text for p in wanted) for text in texts])


@pytest.mark.parametrize("table", TOLD)
def test_the_tone_follows_value_but_does_not_betray_it(company, told, table):
    texts, week, row = told[table]
    value = company.history.states.value[week, row]
    bad, good = (_says(texts, TOLD[table][2][tone]) for tone in ("bad", "good"))
    assert min(bad.sum(), good.sum()) > 40
    assert value[bad].mean() < value[good].mean() - 0.25
    assert np.quantile(value[bad], 0.8) > np.quantile(value[good], 0.2)


@pytest.mark.parametrize("table", TOLD)
@pytest.mark.parametrize("concern", CONCERNS[1:])
def test_a_concern_is_voiced_by_those_who_have_cause_and_now_and_then_by_others(company, told, table, concern):
    texts, week, row = told[table]
    s, t = company.history.states, company.history.traits
    since = {"redesign": 7 * week - t.redesigned[row], "outage": 7 * week - t.shaken[row]}
    cause = {
        "cancel": lambda: s.value[week, row] < -0.4,
        "competitor": lambda: s.need[week, row] < -0.8,
        "price": lambda: (s.burden + s.rise)[week, row] > 0.04,
        "outage": lambda: (s.friction[week, row] > 1.0) | ((since["outage"] > -7) & (since["outage"] < 14)),
        "champion_left": lambda: ~s.champion[week, row],
        "redesign": lambda: (since["redesign"] > -7) & (since["redesign"] < 84),
    }[concern]()
    said = _says(texts, TOLD[table][3][concern])
    assert said[cause].mean() > 2 * said[~cause].mean()
    assert said[cause].mean() < 0.6
    if table == "tickets":
        assert said[~cause].any()


def test_a_text_is_a_sentence_without_a_gap_left_in_it(company):
    for name, (_, column, *_) in TOLD.items():
        texts = company.tables[name][column].dropna()
        assert texts.str[0].str.isupper().all(), name
        assert texts.str[-1].isin([".", "?", "!"]).all(), name
        assert not texts.str.contains("{", regex=False).any(), name
        assert not texts.str.contains("  ", regex=False).any(), name
        assert texts.nunique() > 30, name


def test_a_comment_comes_with_an_answer_and_sounds_like_its_score(company):
    surveys = company.tables["surveys"]
    said = surveys[surveys["comment"].notna()]
    assert said["answered_at"].notna().all()
    assert 0.3 < len(said) / surveys["answered_at"].notna().sum() < 0.6
    right = said.drop_duplicates("event_id", keep="last")
    bad, good = (_says(right["comment"], TONE_OF_COMMENT[tone]) for tone in ("bad", "good"))
    assert right["score"][bad].max() <= 6
    assert right["score"][good].min() >= 9


def test_most_who_left_with_a_reason_say_a_word_that_fits_it(company):
    exits = company.tables["exits"]
    assert 0.5 < exits["comment"].notna().mean() < 0.9
    assert exits.dropna(subset=["comment"]).groupby("comment")["reason"].nunique().max() == 1
