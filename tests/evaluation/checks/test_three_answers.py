"""Does every check fire, stay silent, and say where it does not apply? (and does its page say the same)"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest

from churnmodel.evaluation.checks import TITLES

ROOT = Path(__file__).parents[3]
STATUSES = ("fired", "silent", "not applicable")
ANSWERS = [(code, status) for code in TITLES for status in STATUSES]


def page(code: str) -> str:
    return (ROOT / "docs" / "checks" / f"{code}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("code", "status"), ANSWERS, ids=lambda part: part.replace(" ", "_"))
def test_every_check_gives_each_of_the_three_answers(findings, code, status):
    finding = findings[code, status]
    assert (finding.code, finding.status, finding.title) == (code, status, TITLES[code])
    assert finding.fired == (status == "fired")
    assert json.loads(json.dumps(finding.detail, allow_nan=False)) == finding.detail, "JSON types, and no NaN"
    assert finding.message.endswith((".", "!")) and "nan" not in finding.message
    assert re.search(r"\d", finding.message) or status == "not applicable", "a finding has numbers"


@pytest.mark.parametrize(("code", "status"), ANSWERS, ids=lambda part: part.replace(" ", "_"))
def test_its_page_quotes_what_it_says(findings, code, status):
    said = " ".join(page(code).replace("\n> ", " ").split())
    assert f"**{status}** {findings[code, status].message}" in said


@pytest.mark.parametrize("code", TITLES)
def test_its_page_has_a_title_and_says_how_it_decides_and_what_to_do(code):
    text = page(code)
    assert text.startswith(f"# {code}: {TITLES[code].lower()}\n")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads == ["How it decides", "What it says", "What to do when it fires"]


def bounds(code: str) -> list[tuple[str, list[float]]]:
    """The rows of the page's table of bounds: where it stands in the code, and the numbers said."""
    found = re.findall(r"^\| .+? \| (.+?) \| `(\w+)\.(\w+)` \|$", page(code), re.MULTILINE)
    return [
        (f"{module}.{name}", [float(n) for n in re.findall(r"\d+(?:\.\d+)?", said)])
        for said, module, name in found
    ]


@pytest.mark.parametrize("code", sorted(set(TITLES) - {"CHN001"}))
def test_the_bounds_on_a_page_are_those_of_the_code(code):
    quoted = bounds(code)
    assert quoted
    for name, numbers in quoted:
        module, _, constant = name.partition(".")
        where = "leaks_power" if module == "leaks_power" else f"checks.{module}"
        value = getattr(importlib.import_module(f"churnmodel.evaluation.{where}"), constant)
        held = (
            list(value.values())
            if hasattr(value, "values")
            else list(value)
            if isinstance(value, tuple)
            else [value]
        )
        assert numbers == held, name


@pytest.mark.parametrize(
    ("code", "module"),
    [("CHN002", "too_good"), ("CHN004", "calibrated"), ("CHN005", "stable"), ("CHN006", "even")],
)
def test_no_bound_of_a_check_is_kept_from_its_page(code, module):
    owned = vars(importlib.import_module(f"churnmodel.evaluation.checks.{module}"))
    shown_only = {"NAMED"}  # how many are named in a message decides nothing
    numbers = {
        name
        for name, value in owned.items()
        if name.isupper() and not name.startswith("_") and name not in shown_only
        if type(value) in (int, float) or (isinstance(value, tuple) and type(value[0]) in (int, float))
    }
    assert numbers and numbers <= {name.partition(".")[2] for name, _ in bounds(code)}


def test_every_page_is_of_a_check():
    assert {p.stem for p in (ROOT / "docs" / "checks").glob("CHN*.md")} == set(TITLES)
