"""What does each column of `churnmodel success winback` mean? (docs/winback.md prints these)"""

from __future__ import annotations

from collections.abc import Mapping

from churnmodel.success.common_columns import ACCOUNT, ACCOUNT_MANAGER_STATED, AS_OF, CSM_STATED, NAME, SEGMENT
from churnmodel.success.definitions import Definition

_SCORES = "scores, as they were published"
_TOUCH = "touchpoints, as known before as_of"
_WILSON = "95 % interval: Wilson (1927), JASA 22"


def _text(name: str, title: str, formula: str, source: str = "own") -> Definition:
    return Definition(name, title, formula, "text", source)


WHO: tuple[Definition, ...] = (
    AS_OF,
    ACCOUNT,
    NAME,
    SEGMENT,
    CSM_STATED,
    ACCOUNT_MANAGER_STATED,
    _text("left_on", "left on", "the day its tenure ended (docs/kpis.md: a pause or a late renewal ends none)"),
    Definition("days_gone", "days gone", "as_of - the moment it left", "days"),
    _text("in_grace", "may renew late", "it ran out within labels.grace_days and is not back"),
    Definition(
        "mrr", "MRR it paid", "the last MRR above 0 before it left, at the latest rate of exchange", "money",
        "subscriptions",
    ),
    _text(
        "reason",
        "reason",
        "the latest exits.reason of that tenure; where exits says none, what an exit interview was told "
        "(--interview); "
        "a word that is none of the contract's is other; unknown where nothing is on record",
        "exits, state",
    ),
    _text("said", "stated", "that word as it stands there, in lower case", "exits, state"),
    _text("comment", "comment", "the latest exits.comment of it, else the interview's note", "exits, state"),
    _text("told_by", "told to us by", "who held the interview, where exits says no reason", "state"),
    _text("interview", "interview", "held (a comment, or somebody asked), reason only, or none"),
)  # fmt: skip

PREDICTED: tuple[Definition, ...] = (
    _text("scored_on", "last scored on", "the last score with a risk before it left, of that tenure", _SCORES),
    Definition("last_risk", "risk then", "risk by its next renewal in that score", "share", _SCORES),
    _text("last_band", "band then", "its band in that score", _SCORES),
    _text(
        "family",
        "predicted",
        "the family of the driver that raised the risk most there, the nearness of the renewal left out; "
        "none where "
        "nothing did",
        _SCORES,
    ),
    _text("concept", "reason predicted", "that driver", _SCORES),
    _text("sentence", "in words", "its sentence, as it was published", _SCORES),
    _text(
        "in_hindsight",
        "in hindsight",
        "the model of that score had learned from outcomes later than the score: it proves nothing",
        _SCORES,
    ),
    _text(
        "agrees",
        "they agree",
        "predicted is one of [winback.reasons] families of the reason; empty where the reason has none, "
        "or either is "
        "not known",
    ),
    _text(
        "band_90d",
        "90 days before",
        "band in the last score at least 90 days before it left, at most winback.look_back_days older; "
        "under notice; "
        "not scored",
        _SCORES,
    ),
    _text("band_30d", "30 days before", "the same of 30 days", _SCORES),
    _text("back_at", "back on", "the first day of its next tenure", "subscriptions"),
)

PEOPLE: tuple[Definition, ...] = (
    _text(
        "talk_to",
        "talk to",
        "a champion it had when it left, else an administrator, else who was met last; nobody who is excluded",
        "users, touchpoints",
    ),
    _text("talk_to_as", "as", "champion, administrator or last met"),
    _text("last_contact_on", "last contact on", "the latest touchpoint that is a meeting", _TOUCH),
    _text("last_contact_kind", "last contact", "its kind", _TOUCH),
    _text("last_contact", "with", "its contact_id", _TOUCH),
)

ASKED: tuple[Definition, ...] = (
    _text(
        "recontact",
        "ask again",
        "due: the date has come and it is not left in peace; waiting: it has not come; never: by the rule "
        "of its reason, "
        "by a person (--never), or because plays exclude it",
    ),
    _text(
        "recontact_on",
        "on",
        "the day a person set (--recontact), else left_on + after_days of its reason in [winback.reasons]",
    ),
    _text("recontact_why", "why then", "which of them, in words"),
    _text("moved_by", "said by", "who set the day, or forbade it", "state"),
    _text("moved_note", "note", "why", "state"),
    _text("lapses_on", "left in peace from", "the later of left_on + plays.gone_days, recontact_on + keep_days"),
    Definition(
        "chance",
        "chance",
        "of past departures with its reason (winback.back_within_days ago or more) the share that came "
        "back within so "
        "many days; under winback.least_past of them that of all reasons that are asked again; else not told",
        "share",
        _WILSON,
    ),
    Definition("chance_low", "from", "its interval", "share", _WILSON),
    Definition("chance_high", "to", "its interval", "share", _WILSON),
    Definition("chance_past", "past departures", "with its reason, of which it is known", "count"),
    _text("chance_of", "chance of", "whose share it is: the reason's, or all"),
    Definition(
        "value",
        "value",
        "mrr x (back + 1) / (past + 2) of the departures chance is of; mrr where no chance is told. The "
        "list is by it",
        "money",
        "Laplace (1774), rule of succession",
    ),
    _text("play", "play", "the play of the library that fits best (docs/plays.md)"),
    _text("play_open", "open since", "the day a play to win it back was begun that has not ended", "state"),
    _text("offers", "offers", "those of the play that fit its reason, in order: help first, a discount last"),
    _text("check", "first", "check of its reason in [winback.reasons]"),
)

RETURNED: tuple[Definition, ...] = (
    _text("back_at", "back on", "the first day of its next tenure", "subscriptions"),
    Definition("days_away", "days away", "back_at - the moment it left", "days"),
    Definition("mrr_back", "MRR on return", "what it paid a month from that day", "money", "subscriptions"),
    Definition("mrr_ratio", "of what it paid", "mrr_back / mrr", "share"),
    _text("here", "still here", "that tenure had not ended by as_of"),
    Definition("days_since", "days since", "as_of, or the end of that tenure, - back_at", "days"),
    _text(
        "counted_in",
        "counted in",
        "the month in which success kpis counts the reactivation; empty where that month is not over, or "
        "it left again "
        "before one was",
    ),
    Definition("mrr_counted", "MRR counted", "its reactivation MRR there", "money", "docs/kpis.md"),
    _text(
        "win_back_play",
        "win-back play before",
        "a play of group win_back was begun between departure and return: treated, hold_out or none",
        "state, interventions",
    ),
)

COLUMNS_OF: Mapping[str, tuple[Definition, ...]] = {
    "departures": (*WHO, *PREDICTED),
    "list": (*WHO, *ASKED, *PEOPLE, *PREDICTED[:7]),
    "interviews": (
        *WHO,
        Definition("ask_first", "ask first", "mrr x 90 / (90 + days_gone): the list is by it", "money"),
        *PEOPLE,
        *PREDICTED[:7],
    ),
    "returned": (*WHO, *RETURNED),
}
