"""What is done for each question of the leak proof, and what can its answer not show? (page and terminal)"""

from __future__ import annotations

from dataclasses import dataclass

from churnmodel.evaluation.leaks_findings import FEATURES, RAW, SCORES
from churnmodel.evaluation.leaks_future import TITLE as FUTURE
from churnmodel.evaluation.leaks_mutated import MUTATED
from churnmodel.evaluation.leaks_rewritten import LATE, MRR, RENEWALS
from churnmodel.evaluation.leaks_shuffled import SHUFFLED


@dataclass(frozen=True)
class Words:
    """How the question was put, and where its answer ends."""

    done: str
    cannot: str


_ALONE = (
    "Each column is asked alone, at several days, which accounts leave within 90 days, in the year that begins "
    "half a year later, and at any time. Its values are put into groups, the share of leavers of each group is "
    "learned from half of the accounts and told to the other half, and accounts are compared within one day. An "
    "honest sign fades as the exit gets farther away; a cell written at the end does not. A column is named "
    "where the interval of its AUROC lies above .90 (near), .80 (far) or .85 (any time), or where nearly all of "
    "at least 20 accounts of one group left."
)
_WEAK = (
    "A leak no stronger than an honest sign. What your company may know that early (a dunning that always ends "
    "in a cut-off, say) looks the same: a named column is to be looked at, not proven guilty."
)

WORDS: dict[str, Words] = {
    FUTURE: Words(
        "At a few days the features are built three times: from all tables; from tables in which every row is "
        "there once more, learned after that day and with other values, every row learned later is altered and "
        "every cell not yet revealed is replaced; and from tables in which nothing learned later is left. Every "
        "feature must come out the same to the last bit. One that moves is traced to the table and column that "
        "moved it.",
        "What an export overwrote or dated back before it came here: such a cell is the same each time. Where a "
        "table has no known_at, its own time is believed.",
    ),
    SHUFFLED: Words(
        "The backtest is run with the features of each account handed to another account of the same day, three "
        "times. Skill, measured within a day, must vanish. The question fires where the interval of the AUROC "
        "lies above one half in all three shuffles; in one or two of them it is luck.",
        "That the features themselves are clean: a column that holds the outcome loses its skill in a shuffle "
        "too. It shows that the outcome reaches the predictions on no other way.",
    ),
    MUTATED: Words(
        "From the cutoff of a late fold on, the tables are changed so that every account gets the end of another"
        " one, and the backtest is run again. Predictions of models trained up to that day must not move by a "
        "bit, and skill from that day on must fall.",
        "That the true labels are right. It shows that models learn only from labels known in time, and that the"
        " figures are computed from the outcomes they claim.",
    ),
    FEATURES: Words(_ALONE, _WEAK),
    RAW: Words(
        "The same question is put to every column of every table, by the newest row known at that day, whether "
        "or not a feature reads it: what it says, and whether it says anything. Usage events and exits are left "
        "out.",
        "The same as for features. Text with more than 40 different values is only asked whether it is filled.",
    ),
    SCORES: Words(
        "The same question is put to every source of outside scores, which are to be judged beside the models.",
        "The same as for features. A rewriting with plausible values cannot be seen.",
    ),
    MRR: Words(
        "The first and the last invoice of each account are compared with the MRR that ran when they were issued.",
        "Anything without invoices, or before the first of them. An MRR that never changed agrees with both.",
    ),
    RENEWALS: Words(
        "The renews_at of each subscription row is compared with its start and its term.",
        "A renews_at that was written over within one term.",
    ),
    LATE: Words(
        "In tables with a known_at, rows of the half year before an exit are counted that were learned after it "
        "and more than 30 days late, and compared with all other rows.",
        "A known_at that was itself set to the row's own time.",
    ),
}

LIMITS = (
    "An export that overwrote its own past with plausible values leaves no trace in it; compare with an older "
    "export.",
    "Only the accounts and days named above were looked at; another seed looks at others.",
    "A silent answer is no proof that a figure is good, only that these ways to fool oneself were not found.",
)
