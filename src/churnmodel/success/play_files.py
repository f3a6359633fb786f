"""Which plays are there? (TOML files: those that come with the package, and the project's own over them)"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from churnmodel.errors import SettingsError
from churnmodel.explanation.drivers import driver_code
from churnmodel.features.catalog import CATALOG
from churnmodel.features.feature import Feature
from churnmodel.models.toml_checks import nearest
from churnmodel.settings.plays import PlaySettings
from churnmodel.success.play_facts import CustomerFact
from churnmodel.success.plays import Fact, Offer, Play, Sign, Step

SUPPLIED = Path(__file__).parent / "library"
FACTS = "facts.toml"
_PARTS: Mapping[str, type[BaseModel]] = {"steps": Step, "offers": Offer, "signs": Sign, "any": Fact}


@dataclass(frozen=True)
class Library:
    """The plays in use, by name, and what may be told to customers, by driver.

    Parameters
    ----------
    own
        Names of the plays that came from the project's folder.
    cards
        The features there are, by name.
    """

    plays: tuple[Play, ...]
    facts: Mapping[str, CustomerFact]
    own: frozenset[str]
    cards: Mapping[str, Feature]

    def play(self, name: str) -> Play:
        """The play of that name (SettingsError where there is none)."""
        for play in self.plays:
            if play.name == name:
                return play
        names = [play.name for play in self.plays]
        raise SettingsError(f"no play {name!r}{nearest(name, names)}. There are: {', '.join(names)}.")


def read_library(
    rules: PlaySettings, folder: Path | None = None, features: Sequence[Feature] = (), extra: Sequence[str] = ()
) -> Library:
    """The supplied plays, with those of `folder` in their place or beside them, but for those that are off.

    Parameters
    ----------
    features
        Of the model in use: with the catalog they tell which drivers and features there are.
    extra
        Further driver codes there are.

    Raises
    ------
    SettingsError
        A file cannot be used: says the file, the key, what was wanted and what came. Or a setting names a play
        there is not.
    """
    cards = {card.name: card for card in (*CATALOG, *features)}
    codes = sorted({driver_code(card) for card in cards.values()} | set(extra))
    supplied = {path.stem: _toml(path) for path in sorted(SUPPLIED.glob("*.toml"))}
    own = {path.stem: _toml(path) for path in _own_files(folder)}
    facts = _facts(supplied.pop("facts", {}), SUPPLIED / FACTS, cards, codes)
    if "facts" in own and folder is not None:
        facts |= _facts(own.pop("facts"), folder / FACTS, cards, codes)
    plays = {name: _play(name, raw, f"{name}.toml", cards, codes) for name, raw in supplied.items()}
    for name, raw in own.items():
        base = raw.pop("extends", None)
        where = f"{folder}/{name}.toml"
        if base is not None:
            if base not in supplied:
                known = ", ".join(supplied)
                raise SettingsError(f"{where}: extends: wanted a supplied play ({known}), got {base!r}.")
            raw = {**supplied[base], **raw}
        plays[name] = _play(name, raw, where, cards, codes)
    _refuse_unknown(rules, plays)
    kept = tuple(play for name, play in sorted(plays.items()) if name not in rules.off)
    return Library(kept, facts, frozenset(own), cards)


def _own_files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise SettingsError(f"plays.folder: wanted a folder of <play>.toml files, there is none at {folder}.")
    return sorted(folder.glob("*.toml"))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise SettingsError(f"{path}: wanted TOML: {cause}.") from cause
    except OSError as cause:
        raise SettingsError(f"{path}: cannot be read: {cause.strerror}.") from cause


def _play(
    name: str, raw: Mapping[str, Any], where: str, cards: Mapping[str, Feature], codes: Sequence[str]
) -> Play:
    if "name" in raw:
        raise SettingsError(f"{where}: name: a play is called as its file is. Take the key out.")
    try:
        play = Play.model_validate({**raw, "name": name})
    except ValidationError as cause:
        raise SettingsError(f"{where}: {_problem(cause)}") from cause
    for key, globs in [("drivers", play.drivers)] + [
        (f"offers.{n}.drivers", offer.drivers) for n, offer in enumerate(play.offers, start=1)
    ]:
        for glob in globs:
            if not any(fnmatchcase(code, glob) for code in codes):
                hint = nearest(glob, codes)
                raise SettingsError(f"{where}: {key}: wanted globs over driver codes, none fits {glob!r}{hint}.")
    for n, sign in enumerate(play.signs, start=1):
        for fact in sign.any:
            if fact.feature not in cards:
                hint = nearest(fact.feature, cards)
                raise SettingsError(f"{where}: signs.{n}: wanted a feature, there is no {fact.feature!r}{hint}.")
    return play


def _facts(
    raw: Mapping[str, Any], where: Path, cards: Mapping[str, Feature], codes: Sequence[str]
) -> dict[str, CustomerFact]:
    listed = raw.get("facts", [])
    keys = [f.name for f in fields(CustomerFact)]
    if set(raw) - {"facts"} or not isinstance(listed, list):
        raise SettingsError(f"{where}: wanted [[facts]] tables only, got {', '.join(raw)}.")
    found: dict[str, CustomerFact] = {}
    for number, body in enumerate(listed, start=1):
        at = f"{where}: facts.{number}"
        for key, value in body.items():
            if key not in keys:
                raise SettingsError(f"{at}: unknown key {key!r}{nearest(key, keys)}. Known: {', '.join(keys)}.")
            if not isinstance(value, str):
                raise SettingsError(f"{at}.{key}: wanted text, got {value!r}.")
        if missing := [key for key in keys[:3] if not body.get(key)]:
            raise SettingsError(f"{at}: lacks {', '.join(missing)}.")
        fact = CustomerFact(**body)
        if fact.driver not in codes:
            hint = nearest(fact.driver, codes)
            raise SettingsError(f"{at}.driver: wanted the code of a driver, there is no {fact.driver!r}{hint}.")
        if problems := fact.problems(cards):
            raise SettingsError(f"{at}: {problems[0]}.")
        found[fact.driver] = fact
    return found


def _refuse_unknown(rules: PlaySettings, plays: Mapping[str, Play]) -> None:
    for key, names in (("off", rules.off), ("send", rules.send)):
        for name in names:
            if name not in plays:
                known = ", ".join(plays)
                raise SettingsError(f"plays.{key}: no play {name!r}{nearest(name, plays)}. There are: {known}.")
    for name in rules.send:
        if not plays[name].may_send:
            able = ", ".join(n for n, play in plays.items() if play.may_send) or "none"
            raise SettingsError(
                f"plays.send: {name!r} wants a person to read its e-mails first. Plays that may be sent: {able}."
            )


def _problem(error: ValidationError) -> str:
    """The first problem: the key (lists counted from 1), what was wanted, what came."""
    problem = sorted(error.errors(), key=lambda p: p["type"] != "extra_forbidden")[0]
    place = problem["loc"]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    if problem["type"] == "extra_forbidden":
        lists = [str(part) for part in place[:-1] if not isinstance(part, int)]
        known = list((_PARTS[lists[-1]] if lists and lists[-1] in _PARTS else Play).model_fields)
        hint = nearest(str(place[-1]), known)
        return f"unknown key '{where}'{hint}. Known here: {', '.join(k for k in known if k != 'name')}."
    if problem["type"] == "missing":
        return f"'{where}' is missing; add it."
    message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "wanted")
    got = problem["input"]
    told = f" (got {got!r})" if isinstance(got, str | int | float) and len(str(got)) < 60 else ""
    return f"'{where}': {message}{told}." if where else f"{message}."
