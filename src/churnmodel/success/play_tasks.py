"""What has to be done for each account, by whom, by when, and with which words? (a play's steps, filled)

Drafts to customers are filled from `FOR_CUSTOMERS` alone; everything else stays in texts for ourselves.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import pandas as pd

from churnmodel.explanation.formats import percent, print_date
from churnmodel.settings.plays import PlaySettings
from churnmodel.success.ledger import DAY
from churnmodel.success.play_choice import matched, why
from churnmodel.success.play_edits import EditedStep, edited_steps
from churnmodel.success.play_facts import facts_of
from churnmodel.success.play_files import Library
from churnmodel.success.play_words import FOR_CUSTOMERS, fill, one_line
from churnmodel.success.plays import TO_CUSTOMER, UNDER_NOTICE, Play, workday

TASKS = {
    "task_id": "str", "start_id": "str", "account_id": "str", "account": "str", "play": "str", "step": "int64",
    "kind": "str", "title": "str", "owner_role": "str", "owner": "str", "due": "datetime64[us]", "mode": "str",
    "contact": "str", "subject": "str", "text": "str", "why": "str",
}  # fmt: skip
DRAFT, SEND = "draft", "send"
TEAM = {
    "csm": "Your customer success team", "account_manager": "Your account team", "support": "Our support team",
    "finance": "Our accounting team", "success_lead": "Our customer success team", "product": "Our product team",
    "executive": "Our leadership team",
}  # fmt: skip
"""Who signs where no person is known for a role."""
AMONG_US = {role: f"the {role.replace('_', ' ')}" for role in TEAM} | {"csm": "the CSM"}


@dataclass(frozen=True)
class Filling:
    """What every text is filled from.

    Parameters
    ----------
    accounts, drivers, X
        As `play_accounts` and `raising_drivers` give them, and features by account_id.
    edits
        As `churnmodel.success.play_edits` defines them.
    contacts
        account_id, contact_id: whom one may write to, the best first; those of the settings are left out here.
    sent
        So many e-mails were marked to be sent in the week before.
    tell_tier
        Whether the reason of a choice names the tier; not where all accounts are of one.
    """

    library: Library
    rules: PlaySettings
    as_of: pd.Timestamp
    currency: str
    company: str
    accounts: pd.DataFrame
    drivers: pd.DataFrame
    X: pd.DataFrame
    edits: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    sent: int = 0
    tell_tier: bool = True

    def why(self, account_id: str, play: Play) -> str:
        """The reason of the choice in a few words."""
        own = self.own_drivers(account_id)
        account = {str(k): v for k, v in self.accounts.loc[account_id].items()}
        row = {str(k): v for k, v in self.X.loc[account_id].items()} if account_id in self.X.index else {}
        least = self._least(play)
        return why(play, account, own, self.library.cards, least, tell_tier=self.tell_tier, row=row)

    def own_drivers(self, account_id: str) -> pd.DataFrame:
        """The raising drivers of one account."""
        return self.drivers.iloc[self._places.get(account_id, [])]

    @cached_property
    def _places(self) -> dict[Any, Any]:
        return dict(self.drivers.groupby("account_id").indices)

    def _least(self, play: Play) -> float:
        return self.rules.least_points if play.least_points is None else play.least_points


def play_tasks(treated: pd.DataFrame, filling: Filling) -> pd.DataFrame:
    """The tasks of the plays in `treated` (account_id, play, start_id), in their order: `TASKS`.

    `mode` is ``"send"`` only for an e-mail of a play in ``plays.send`` to a tech-touch account that has a contact
    not excluded, up to ``plays.most_sends_per_week``; ``"draft"`` for any other text to a customer, else empty.
    """
    rows: list[dict[str, object]] = []
    sends = filling.sent
    for account_id, name, start in zip(treated["account_id"], treated["play"], treated["start_id"], strict=True):
        for task in account_tasks(str(account_id), filling.library.play(str(name)), str(start), filling):
            if task["mode"] == SEND:
                sends += 1
                task["mode"] = SEND if sends <= filling.rules.most_sends_per_week else DRAFT
            rows.append(task)
    return pd.DataFrame(rows, columns=list(TASKS)).astype(TASKS)


def account_tasks(account_id: str, play: Play, start: str, filling: Filling) -> list[dict[str, object]]:
    """The steps of a play for one account, as rows of `TASKS`."""
    account = pd.Series(filling.accounts.loc[account_id])
    values = _values(account_id, account, play, filling)
    contact = _contact(account_id, filling)
    steps = edited_steps(play, str(account["tier"]), str(account["touch"]), account_id, filling.edits)
    may_send = play.name in filling.rules.send and account["touch"] == "tech" and bool(contact)
    return [
        {
            "task_id": f"{start}-{step.number}",
            "start_id": start,
            "account_id": account_id,
            "account": values["account"],
            "play": play.name,
            "step": step.number,
            "due": due_on(step.due_days, account, filling.as_of),
            "contact": contact if step.kind == "email" else "",
            "mode": SEND if may_send and step.kind == "email" else DRAFT if step.kind in TO_CUSTOMER else "",
            "why": values["why"],
            **_worded(step, account, values, filling),
        }
        for step in steps
        if all(values[name] for name in step.needs if name in values)
    ]


def due_on(days: int, account: Mapping[Hashable, Any] | pd.Series, as_of: pd.Timestamp) -> pd.Timestamp:
    """So many days after `as_of`, on a weekend the Monday after; of one that gave notice by its last workday."""
    due = workday(as_of + days * DAY)
    if account["lifecycle"] != UNDER_NOTICE or pd.isna(account["leaving_on"]):
        return due
    last = pd.Timestamp(account["leaving_on"]).normalize()
    last -= max(last.weekday() - 4, 0) * DAY  # of a Saturday or Sunday the Friday before
    return max(min(due, last), as_of)


def _worded(
    step: EditedStep, account: pd.Series, values: Mapping[str, str], filling: Filling
) -> dict[str, object]:
    person = step.owner or _person(step.role, account, filling.rules)
    teams = TEAM if step.kind in TO_CUSTOMER else AMONG_US
    own = {
        **values,
        **{role: _person(role, account, filling.rules) or teams[role] for role in ("csm", "account_manager")},
        "owner": person or teams[step.role],
        "due": print_date(due_on(step.due_days, account, filling.as_of)),
    }
    if step.kind in TO_CUSTOMER:
        own = {name: own[name] for name in FOR_CUSTOMERS}
    return {
        "kind": step.kind,
        "title": step.title,
        "owner_role": step.role,
        "owner": person,
        "subject": fill(step.subject, own),
        "text": fill(step.text, own),
    }


def _values(account_id: str, account: pd.Series, play: Play, filling: Filling) -> dict[str, str]:
    """All placeholders but owner and due."""
    rules, currency = filling.rules, filling.currency
    own = filling.own_drivers(account_id)
    answered = matched(play.drivers, own, filling._least(play)) if play.drivers else own
    row = filling.X.loc[account_id] if account_id in filling.X.index else pd.Series(dtype="object")
    codes = answered["code"].tolist()
    told = facts_of(
        codes, dict(row.items()), filling.library.facts, filling.library.cards, filling.as_of, currency
    )
    name = one_line(account["name"]) or one_line(account_id)
    sure = {
        "account": name,
        "company": one_line(filling.company),
        "product": one_line(rules.product),
        "csm": _person("csm", account, rules) or TEAM["csm"],
        "account_manager": _person("account_manager", account, rules) or TEAM["account_manager"],
    }
    offers = offers_of(play, own["code"].tolist(), sure, one_line(account["exit_reason"]))
    sentences, points = own["sentence"].tolist(), own["points"].astype("float64").tolist()
    reasons = [f"- {one_line(r, 300)} ({p * 100:+.1f} points)" for r, p in zip(sentences, points, strict=True)]
    return {
        **sure,
        "renewal": _date(account["renews_at"]),
        "leaving": _date(account["leaving_on"]),
        "facts": "\n".join(f"- {text}" for text in told),
        "offer": next((text for text, role in offers if not role), ""),
        "why": filling.why(account_id, play),
        "reasons": "\n".join(reasons),
        "risk": percent(float(account["risk"])) if account["risk"] == account["risk"] else "not known",
        "band": str(account["band"] or "no band"),
        "mrr": _money(account["mrr"], currency),
        "at_risk": _money(account["at_risk"], currency),
        "tier": str(account["tier"]),
        "touch": f"{account['touch']} touch",
        "segment": one_line(account["segment"]) or "not known",
        "exit_reason": one_line(account["exit_reason"]) or "none",
        "offers": "\n".join(
            f"{n}. {f'only then, and if {AMONG_US[role]} agrees: ' if role else ''}{text}"
            for n, (text, role) in enumerate(offers, start=1)
        ),
    }


def offers_of(
    play: Play, codes: Sequence[str], sure: Mapping[str, str], exit_reason: str = ""
) -> list[tuple[str, str]]:
    """(text, who must agree) of the offers that fit: those for the account's own reasons first, discounts last."""
    fitting = [
        offer
        for offer in play.offers
        if (not offer.drivers or any(fnmatchcase(code, glob) for code in codes for glob in offer.drivers))
        and (not offer.exit_reasons or exit_reason in offer.exit_reasons)
    ]
    order = sorted(fitting, key=lambda o: (o.kind == "discount", not (o.drivers or o.exit_reasons)))
    return [(fill(offer.text, sure), offer.approval or "") for offer in order]


def _person(role: str, account: pd.Series, rules: PlaySettings) -> str:
    """Who stands for a role: the account's own CSM or account manager, else who the settings name; empty."""
    own = account[role] if role in ("csm", "account_manager") else None
    named = {str(key): person for key, person in rules.roles.items()}
    return one_line(own) or one_line(named.get(role, ""))


def _contact(account_id: str, filling: Filling) -> str:
    if filling.contacts is None:
        return ""
    own = filling.contacts[filling.contacts["account_id"] == account_id]["contact_id"].tolist()
    return next((str(contact) for contact in own if contact not in filling.rules.exclude_contacts), "")


def _date(moment: object) -> str:
    return "" if pd.isna(moment) else print_date(pd.Timestamp(moment))  # type: ignore[arg-type,call-overload]


def _money(amount: object, currency: str) -> str:
    value = float(amount)  # type: ignore[arg-type]
    return f"{value:,.0f} {currency}" if value == value else f"unknown {currency}"
