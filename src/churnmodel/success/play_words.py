"""Which words of a play may a customer read? (placeholders, words that are ours alone, and how a text is filled)

Two walls. A text to a customer can only name placeholders of `FOR_CUSTOMERS`, which are filled with what the
customer knows; reasons, risk, band, tier and the like are no such placeholders. And its own words may not be those
of `OURS`. Both are checked where a play is read, before any account is looked at.

A value is put in once and never read again: braces in the name of an account are only braces. A paragraph whose
placeholder has nothing to say is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

FOR_CUSTOMERS = (
    *("account", "company", "product", "csm", "account_manager", "owner"),
    *("renewal", "leaving", "facts", "offer", "due"),
)
ONLY_FOR_US = (
    *("why", "reasons", "risk", "band", "mrr", "at_risk", "tier", "touch", "segment", "offers", "exit_reason"),
)
SURE = ("account", "company", "product", "csm", "account_manager", "owner")
"""Always known, so that a subject cannot lose its words."""
OURS = re.compile(
    r"\b(risk\w*|churn\w*|attrition|retention|retain\w*|health[ _-]?scores?|sentiment\w*|competitors?|detractors?|"
    r"propensity|likelihood|probabilit\w+|upsell\w*|win-?back|scored?|scoring|mrr|arr|csm|at stake|"
    r"rescue|escalation play|playbook|tech[ -]touch|(?:red|orange|green) (?:account|band)s?)\b",
    re.IGNORECASE,
)
"""What we say among ourselves about a customer, and never to one."""
_FIELD = re.compile(r"\{([^{}]*)\}")
_LONGEST = 4_000


def check_customer_text(text: str) -> str:
    """The text, if a customer may read it once it is filled (ValueError says what was found and wanted)."""
    _check_fields(text, FOR_CUSTOMERS, "a text that a customer may read", ONLY_FOR_US)
    if found := OURS.search(_FIELD.sub("", text)):
        raise ValueError(
            f"{found.group(0)!r} is a word for ourselves: wanted a text that a customer may read. Say it otherwise"
        )
    return text


def check_subject(text: str) -> str:
    """The subject, if it is one line whose placeholders are always known."""
    check_customer_text(text)
    _check_fields(text, SURE, "a subject", ())
    if "\n" in text.strip() or len(text) > 120:
        raise ValueError("wanted one line of at most 120 characters")
    return text


def check_offer(text: str) -> str:
    """The words of an offer, if they can stand inside a sentence to a customer."""
    return check_subject(text.strip().rstrip("."))


def check_internal_text(text: str) -> str:
    """The text, if every placeholder in it is known."""
    _check_fields(text, FOR_CUSTOMERS + ONLY_FOR_US, "a text for ourselves", ())
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled, without the paragraphs of those that are empty.

    >>> fill("Hello {account}!\\n\\nWe saw:\\n{facts}\\n\\nYours", {"account": "Ada {risk}", "facts": ""})
    'Hello Ada {risk}!\\n\\nYours'
    """
    kept = []
    for paragraph in re.split(r"\n[ \t]*\n", text.strip()):
        names = _FIELD.findall(paragraph)
        if all(values.get(name) for name in names):
            kept.append(_FIELD.sub(lambda found: values[found.group(1)], paragraph).strip())
    return "\n\n".join(kept)


def one_line(text: object, longest: int = 120) -> str:
    """Text out of a table on one line of printable characters; empty for none.

    >>> one_line("Ada\\r\\nBcc: all@x\\u202e"), one_line(float("nan"))
    ('Ada Bcc: all@x', '')
    """
    if text is None or text != text:
        return ""
    seen = ("" if unicodedata.category(c) in ("Cf", "Cs", "Co", "Cn") else c for c in str(text)[: longest * 20])
    line = " ".join("".join(c if c.isprintable() else " " for c in "".join(seen)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _check_fields(text: str, allowed: tuple[str, ...], what: str, internal: tuple[str, ...]) -> None:
    if len(text) > _LONGEST:
        raise ValueError(f"wanted at most {_LONGEST} characters, got {len(text)}")
    for name in _FIELD.findall(text):
        if name in internal:
            raise ValueError(f"{{{name}}} is for ourselves: {what} may hold {_listed(allowed)}")
        if name not in allowed:
            raise ValueError(f"no placeholder {{{name}}}: {what} may hold {_listed(allowed)}")
    if re.search(r"[{}]", _FIELD.sub("", text)):
        raise ValueError("a brace that belongs to no placeholder: wanted {name}, opened and closed")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
