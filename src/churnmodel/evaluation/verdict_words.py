"""What does a verdict say to somebody who has one minute? (a sentence, and a paragraph)"""

from __future__ import annotations

import math

from churnmodel.evaluation.standings import Gap, Standing, Verdict


def headline(verdict: Verdict) -> str:
    """The answer against the strongest rival, in one sentence."""
    if not verdict.standings:
        return f"There is nothing to hold {verdict.model} against: no external_scores, and no scorecard beside it."
    first = verdict.standings[0]
    model, rival = verdict.model, first.title
    match verdict.answer(first):
        case "better":
            return f"Yes, {model} is better than {rival}: {_more(first.held, verdict)}."
        case "worse":
            return f"No, {rival} is better than {model}: {_more(first.held, verdict)}. Keep using {rival}."
        case "too few churned":
            return (
                f"Whether {model} is better than {rival} cannot be told: only {verdict.churned_accounts} accounts "
                f"churned in the judged time, and every difference is mostly luck."
            )
        case _:
            return (
                f"Whether {model} is better than {rival} cannot be told yet in money: "
                f"{_more(first.held, verdict)}.{_in_order(first, model)}"
            )


def paragraph(verdict: Verdict) -> str:
    """The whole answer: the sentence, what was judged, and each rival in turn."""
    return " ".join([headline(verdict), basis(verdict), *(against(verdict, s) for s in verdict.standings)])


def gained(verdict: Verdict | None, card: str) -> str:
    """What a scorecard's fitted weights gain over those it has, out of time."""
    if verdict is None or not verdict.standings:
        return f"What the fitted weights of {card} gain was not judged: it was not backtested."
    standing = verdict.standings[0]
    auroc = standing.auroc
    order = f"AUROC {auroc.model:.3f} instead of {auroc.rival:.3f} ({_interval(auroc, 3)})"
    figures = f"{_more(standing.held, verdict)}; {order}"
    answer = verdict.answer(standing)
    if answer == "too few churned":
        return f"What the fitted weights gain cannot be told: only {verdict.churned_accounts} accounts churned."
    if answer == "worse" or auroc.high < 0:
        return f"The fitted weights are worse than those of {card}, out of time: {figures}. Keep yours."
    if answer == "better":
        return f"The fitted weights are better, out of time: {figures}."
    if auroc.low > 0:
        return f"The fitted weights order accounts better, out of time; in money it cannot be told yet: {figures}."
    return f"The fitted weights gain nothing that could not be luck, out of time: {figures}. Keep yours."


def basis(verdict: Verdict) -> str:
    """What was judged, and what the money means."""
    chosen = (
        "" if verdict.is_champion else f" {verdict.model} was not chosen as champion; it is the best there is."
    )
    return (
        f"Judged are {verdict.snapshots:,} snapshots of {verdict.accounts:,} accounts on {verdict.lists} dates, "
        f"none seen in training; {verdict.churned_accounts} accounts churned. {verdict.model} was chosen among "
        f"others on these rows too, so its figures flatter it a little. On the average date "
        f"{_money(verdict.left, verdict)} of MRR was about to leave within {verdict.horizon_days} days, and a "
        f"list is {_worked(verdict.capacity)}.{chosen}"
    )


def against(verdict: Verdict, standing: Standing) -> str:
    """The model beside one rival, with every figure and its interval."""
    held, auroc, loss = standing.held, standing.auroc, standing.log_loss
    model, rival = verdict.model, standing.title
    said = (
        f"Against {rival}: the list of {model} holds {_money(held.model, verdict)} of it, that of {rival} "
        f"{_money(held.rival, verdict)} ({model} holds more {_chance(held.chance)}); "
        f"AUROC {auroc.model:.3f} against {auroc.rival:.3f} ({_interval(auroc, 3)}), log loss {loss.model:.4f} "
        f"against {loss.rival:.4f} ({_interval(loss, 4)})."
    )
    return " ".join([said, *notes(verdict, standing)])


def notes(verdict: Verdict, standing: Standing) -> list[str]:
    """What to know of an incumbent: how much it covers, and how it was read. None for a scorecard."""
    if math.isnan(standing.coverage):
        return []
    words = {
        "low is risky": ", of which low is risky, as the outcomes say",
        "high is risky": ", of which high is risky, as the outcomes say",
        "not the same in every fold": ", whose risky end was not the same in every fold",
        "unknown": ", of which outcomes do not tell which end is risky",
    }[standing.direction]
    told = [f"{standing.title} had a score for {100 * standing.coverage:.0f} % of the snapshots{words}."]
    if (where := standing.held_where_scored) is not None:
        told.append(
            f"Where it had one, the lists hold {_money(where.model, verdict)} and {_money(where.rival, verdict)} "
            f"({_interval(where, 0)} {verdict.currency})."
        )
    return told


def _more(held: Gap, verdict: Verdict) -> str:
    more = "more" if held.difference >= 0 else "less"
    return (
        f"at your capacity its list holds {_money(abs(held.difference), verdict)} {more} of the MRR that leaves "
        f"({_interval(held, 0)} {verdict.currency}, more {_chance(held.chance)})"
    )


def _in_order(standing: Standing, model: str) -> str:
    auroc = standing.auroc
    if auroc.low > 0:
        return f" Over the whole book {model} does order accounts better."
    if auroc.high < 0:
        return f" Over the whole book {standing.title} even orders accounts better."
    return ""


def _money(amount: float, verdict: Verdict) -> str:
    return f"{amount:,.0f} {verdict.currency}"


def _interval(gap: Gap, digits: int) -> str:
    if math.isnan(gap.low):
        return "no interval"
    return f"95 % interval {gap.low:+,.{digits}f} to {gap.high:+,.{digits}f}"


def _chance(chance: float) -> str:
    if math.isnan(chance):
        return "no draws of accounts"
    return (
        "in over 99 % of draws of accounts"
        if chance > 0.99
        else "in under 1 % of draws of accounts"
        if chance < 0.01
        else f"in {100 * chance:.0f} % of draws of accounts"
    )


def _worked(capacity: float) -> str:
    if capacity < 1:
        return f"the riskiest {100 * capacity:.3g} % of the book"
    return f"the {capacity:.0f} riskiest accounts"
