"""Does skill come from the labels, and only from those known in time? (labels shuffled, then mutated)

Two things are done to the labels, and the whole backtest is run again. *Shuffled*: within each ``as_of`` the
features are handed to other accounts, so that every label stands beside somebody else's features; whatever skill
is left did not come from what the features say. *Mutated*: from the cutoff of a late fold on, every account gets
the future of another one; folds up to that cutoff must predict the same to the last bit, for they may not know,
and from it on skill must fall, for that is what the figures are computed from.
"""

from __future__ import annotations

from collections.abc import Callable

from churnmodel.errors import ModelError
from churnmodel.evaluation.checks.finding import Finding
from churnmodel.evaluation.leaks_mutated import MUTATED, check_mutated
from churnmodel.evaluation.leaks_shuffled import SHUFFLED, handed_around, told_shuffled
from churnmodel.evaluation.leaks_trial import CODE, Trial, skill_of

FEWEST = 20
Progress = Callable[[str, int, int], None]


def check_labels(trial: Trial, *, shuffles: int = 3, progress: Progress | None = None) -> tuple[Finding, Finding]:
    """CHN001: the two findings, shuffled and mutated.

    *Shuffled* fires where the interval of the AUROC lies above one half in every shuffle. *Mutated* fires where a
    prediction moved that was made before the labels changed, or where skill stayed.
    """
    step = progress or (lambda what, done, total: None)
    total = shuffles + 2
    try:
        step("labels: as they are", 0, total)
        plain = trial.run()
    except ModelError as refusal:
        why = f"Nothing could be learned here: {refusal}"
        return (
            Finding(CODE, SHUFFLED, "not applicable", why),
            Finding(CODE, MUTATED, "not applicable", why),
        )
    churners = plain.predictions[plain.predictions["churned"]]["account_id"].nunique()
    if churners < FEWEST:
        why = f"Only {churners} accounts churned in the judged folds; under {FEWEST} no fall in skill can be seen."
        return (
            Finding(CODE, SHUFFLED, "not applicable", why),
            Finding(CODE, MUTATED, "not applicable", why),
        )
    found = []
    for k in range(shuffles):
        step(f"labels: shuffled, {k + 1} of {shuffles}", k + 1, total)
        shuffled = trial.run(X=handed_around(trial.X, trial.seed + k))
        found.append(skill_of(shuffled.predictions, trial.seed))
    step("labels: those of the last folds mutated", total - 1, total)
    mutated = check_mutated(trial, plain)
    step("labels: done", total, total)
    return told_shuffled(trial, plain, found), mutated
