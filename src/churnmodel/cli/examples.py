"""How is each act called? (the examples under its --help)"""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "train": (
        ("churnmodel train", "on the churnmodel.toml here"),
        ("churnmodel train -c acme/churnmodel.toml --horizon 90", "churn within 90 days, this once"),
    ),
    "compare": (
        ("churnmodel compare --html compare.html", "the whole comparison as one page"),
        ("churnmodel compare --within renewal", "by churn up to the next renewal"),
        ("churnmodel compare --by-fold --renewable", "fold by fold, of accounts up for renewal"),
    ),
    "score": (
        ("churnmodel score --top 25", "the 25 accounts with the most MRR at risk"),
        ("churnmodel score --as-of 2025-12-01", "as the book stood then"),
    ),
    "explain": (
        ("churnmodel explain A0214", "by its id"),
        ("churnmodel explain 'Ardodal Freight' --all", "by its name, every reason"),
        ("churnmodel explain A0214 --evidence", "with the rows of your tables behind each reason"),
    ),
    "report": (
        ("churnmodel report account A0214", "one account on a page, for the team"),
        ("churnmodel report account 'Ardodal Freight' --since 2025-12-01", "what changed since that day"),
        ("churnmodel report book --html monday.html", "the whole book on a page"),
        ("churnmodel report review A0214", "a page for the customer: use, goals, support, never the risk"),
    ),
    "success": (
        ("churnmodel success health", "each band and what it came to, the least healthy accounts"),
        ("churnmodel success health --csm 'Kofi Ferro' --csv health.csv", "one CSM's accounts, as a table"),
        ("churnmodel success health --exceptions", "who stands lower by a rule, and is it worth it?"),
        ("churnmodel success health --trajectory", "who moved between bands, month by month"),
        ("churnmodel success kpis", "NRR, GRR, churn and the MRR bridge of the last twelve whole months"),
        ("churnmodel success kpis --by segment --csv kpis.csv", "each segment as well, and a table for a sheet"),
        ("churnmodel success kpis --from 2025-07 --until 2025-09 --by owner", "a quarter, by CSM"),
        ("churnmodel success kpis --as-of 2025-10-01", "as it was known then"),
        ("churnmodel success renewals", "what comes up within 180 days, whom nobody works first"),
        ("churnmodel success renewals --forecast --chart renewals.png", "renewed MRR by month, with its interval"),
        ("churnmodel success renewals --checkpoints --commits commits.csv", "whose word is due, who contradicts"),
        ("churnmodel success alerts", "what a CSM should hear this morning; nothing is sent"),
        ("churnmodel success alerts --backtest", "how many a week, and whom they would have caught"),
        ("churnmodel success alerts --digest --send", "send them, and on Monday each CSM's week"),
        ("churnmodel success alerts --snooze A0214 --until 2026-03-01", "quiet about an account"),
        ("churnmodel success outcomes", "did the plays work, and where can nobody tell?"),
        ("churnmodel success outcomes --play rescue --chart effects.png", "one play in full, and a picture"),
        ("churnmodel success outcomes --did A0214 rescue --by 'Ines Varga'", "log what was done outside"),
        ("churnmodel success outcomes --log --csm 'Ines Varga' --csv log.csv", "who got what, who was held out"),
        ("churnmodel success plays", "whom to act on this week, with which play, and why"),
        ("churnmodel success plays --account A0214", "the play for one account, with its drafts"),
        ("churnmodel success plays --start --json tasks.json", "begin it, and a body to post to your CRM"),
        ("churnmodel success plays --start --send", "begin it, and post it to the tool that knows the addresses"),
        ("churnmodel success plays --tasks --csm 'Ines Varga'", "what is open, overdue first"),
        ("churnmodel success expansion", "who is ready for more, and how much"),
        ("churnmodel success expansion --withheld --csm 'Ines Varga'", "her accounts with room: why not yet?"),
        ("churnmodel success expansion --past", "did the rule name those who expanded?"),
        ("churnmodel success feedback", "what customers speak of, by MRR at risk"),
        ("churnmodel success feedback --theme pricing --csm 'Ines Varga'", "her accounts, in their words"),
        ("churnmodel success feedback --fixed performance --on 2025-12-01", "it is fixed; then --tell"),
        ("churnmodel success feedback --told A0214 performance", "one less to tell"),
        ("churnmodel success tiers", "who matters and why, what is overdue, who has too much"),
        ("churnmodel success tiers --roster --csm 'Ines Varga'", "her high-value accounts, each with its reasons"),
        ("churnmodel success tiers --since 2025-10-01", "whose tier moved since, and by whose doing"),
        ("churnmodel success tiers --overdue --csv overdue.csv", "whom to meet, and a table for a sheet"),
        ("churnmodel success tiers --owners --without 'Ines Varga'", "who could take her accounts"),
        ("churnmodel success winback", "who left and why, was it seen coming, whom to ask again"),
        ("churnmodel success winback --list --csv winback.csv", "the whole list, and a table for a sheet"),
        ("churnmodel success winback --interview A0384 --reason price --by Ines", "you asked why it left"),
        ("churnmodel success winback --recontact A0384 2026-03-01", "ask it again on that day"),
        ("churnmodel success rollout", "where we stand, line by line, and what is next"),
        ("churnmodel success rollout --begin --by 'Ana Roe'", "freeze day 0 and make the plan of 90 days"),
        ("churnmodel success rollout --plan --csv plan.csv", "each task, its owner and day, and if it is done"),
        ("churnmodel success rollout --measure --chart board.png", "what became of day 0, a page for a board"),
        ("churnmodel success onboarding", "who is behind, whom to turn to first, and what to do"),
        ("churnmodel success onboarding --account A0547", "one account: done, late, next, with the evidence"),
        ("churnmodel success onboarding --done A0547 kickoff --note 'by phone'", "tick what no table says"),
        ("churnmodel success onboarding --pace", "by which day those that stayed got there"),
        ("churnmodel success adoption", "whom to show what, and whom of theirs to train"),
        ("churnmodel success adoption --features", "which features go with staying"),
        ("churnmodel success adoption --feature alerts --csv alerts.csv", "who lacks one, as a table"),
    ),
    "promote": (
        ("churnmodel promote blend", "a model of the last training, if the gate lets it"),
        ("churnmodel promote blend --force 'a trial in the south'", "overrule the gate, and say why"),
    ),
    "tune": (
        ("churnmodel tune lightgbm --trials 40", "at most 40 trials"),
        ("churnmodel tune lightgbm --minutes 20 --write models/lightgbm.toml", "and write what was found"),
    ),
    "incumbent": (
        ("churnmodel incumbent", "is the model better than the score we have?"),
        ("churnmodel incumbent --csv weights.csv", "better weights, as a table for your tool"),
    ),
}


def epilog_of(act: str, of: str = "") -> str | None:
    """The examples of an act (or of one act `of` its group) as the last part of its help; None where it has none.

    >>> epilog_of("promote").splitlines()[2]
    'churnmodel promote blend  [dim]a model of the last training, if the gate lets it[/dim]'
    """
    lines = [f"{command}  [dim]{why}[/dim]" for command, why in EXAMPLES.get(act, ()) if of in command]
    return "\n\n".join(["Examples:", *lines]) if lines else None
