"""Which of an account's reasons may its own people be told, and how? (``facts.toml``)

A fact is told only where a driver raises the risk that the list names, from the number behind it, in words made
for the customer: never the driver's own sentence. What is not on the list is not told, and what others said of
them, what they said in a survey, or what we make of their contract cannot be put on it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from churnmodel.errors import FeatureError
from churnmodel.explanation.formats import known
from churnmodel.explanation.templates import read_template
from churnmodel.explanation.wording import check_wording, sentence
from churnmodel.features.feature import Feature, Wording
from churnmodel.success.play_words import OURS

NEVER = (
    "sentiment.*",
    *(f"financial.{c}" for c in ("contract_size", "discount", "tenure", "terms", "growth_of_the_contract")),
    *(f"financial.{c}" for c in ("billing", "notice", "pause", "plan", "renewal", "price_rise")),
    *(f"relationship.{c}" for c in ("champion", "contacts_met", "users_who_left", "contact")),
    *("usage.dependence_on_one_user", "usage.active_champions", "support.silence_after_tickets"),
)
"""Drivers of which nothing is told to a customer, whatever a project's own list says."""
MOST = 3


@dataclass(frozen=True)
class CustomerFact:
    """How one driver is told to the customer.

    Parameters
    ----------
    driver
        Its code.
    feature
        Whose value is told; nothing is, where it is not known.
    text
        In the grammar of `churnmodel.explanation.wording`.
    zero
        For a value of 0; empty: a 0 is not told.
    """

    driver: str
    feature: str
    text: str
    zero: str = ""

    def problems(self, cards: Mapping[str, Feature]) -> list[str]:
        """What keeps it from being used: a driver never told, an unknown feature, a word of ours, a bad format."""
        if any(fnmatchcase(self.driver, glob) for glob in NEVER):
            return [f"driver: {self.driver!r} is for ourselves, and never told to a customer. Take it out"]
        if found := OURS.search(f"{_plain(self.text)} {_plain(self.zero)}"):
            return [f"text: {found.group(0)!r} is a word for ourselves. Say it otherwise"]
        card = cards.get(self.feature)
        if card is None:
            return [f"feature: there is no feature {self.feature!r}. churnmodel features lists them"]
        # of the others only that they are there, and their unit, matters
        quoted = {name: cards[name] for name in _named(self.text) | _named(self.zero) if name in cards}
        others = [
            replace(other, wording=Wording("-", "-", zero=None if other.is_category else "-"))
            for name, other in quoted.items()
            if name != self.feature
        ]
        return check_wording([self._worded(card), *others])

    def told(self, row: Mapping[str, object], card: Feature, as_of: datetime, currency: str) -> str:
        """The sentence for an account's row of features; empty where there is nothing to tell."""
        value = known(row.get(self.feature))
        if value is None or (value == 0 and not self.zero):
            return ""
        return sentence(self._worded(card), row, as_of, currency, "raises")

    def _worded(self, card: Feature) -> Feature:
        zero = self.zero or ("-" if card.unit == "flag" else None)
        return replace(card, wording=Wording(self.text, unknown="Not known", zero=zero))


def facts_of(
    codes: Sequence[str],
    row: Mapping[Hashable, object],
    facts: Mapping[str, CustomerFact],
    cards: Mapping[str, Feature],
    as_of: datetime,
    currency: str,
) -> list[str]:
    """What may be told of an account's drivers, in their order, at most `MOST`."""
    mine = {str(name): value for name, value in row.items()}
    found: list[str] = []
    for code in codes:
        fact = facts.get(code)
        if fact is not None and fact.feature in cards:
            found.append(fact.told(mine, cards[fact.feature], as_of, currency))
    return list(dict.fromkeys(text for text in found if text))[:MOST]


def _plain(text: str) -> str:
    return "" if not text else "".join(part.split("{")[0] for part in text.split("}"))


def _named(text: str) -> set[str]:
    try:
        return {field.name for clause in read_template(text) for field in clause.fields()} if text else set()
    except FeatureError:
        return set()
