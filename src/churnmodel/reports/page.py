"""How does a page come out of its template? (every value escaped, one look for all pages)"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from churnmodel.sources.printable import printable

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def page(template: str, **values: object) -> str:
    """The HTML of a template of this room; whatever text is in `values` is only text in it.

    A name that the template asks for and `values` lacks is an error, and so is one it could reach by accident.
    """
    return _environment().get_template(template).render(**values)


def printed(template: str, **values: object) -> str:
    """As `page`; moreover no text in `values` steers how the page is read: direction, control, invisible marks.
    """
    return _for_print().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _for_print() -> Environment:
    return _environment().overlay(finalize=_on_a_line)


def _on_a_line(value: object) -> object:
    """Text out of a table on one line, with a mark in place of what cannot be seen; all else as it is."""
    from markupsafe import Markup

    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return printable(" ".join(value.split()))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["percent"] = percent
    environment.filters["breakable"] = breakable
    return environment


def breakable(name: str) -> Markup:
    """A name that may go on in the next line after a colon or an underscore, and nowhere within a word.

    >>> str(breakable("our_health <b>"))
    'our_<wbr>health &lt;b&gt;'
    """
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([:_])", r"\1<wbr>", str(escape(name))))


def percent(share: float) -> str:
    """A share as percent, small ones not rounded to none.

    >>> percent(0.5), percent(0.0214), percent(0.0004), percent(0)
    ('50 %', '2.1 %', 'under 0.1 %', '0 %')
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    return f"{share:.1%}".replace(".0%", "%").replace("%", " %")
