"""What does the page of a comparison say? (the verdict first, then each figure, then what could not be said)"""

from __future__ import annotations

from collections.abc import Sequence

from churnmodel.reports.compare_models import sections_of_models
from churnmodel.reports.compare_time import sections_of_time
from churnmodel.reports.compare_words import flattered, verdict
from churnmodel.reports.compared import Compared
from churnmodel.reports.model_names import called_in
from churnmodel.reports.page import page
from churnmodel.reports.section import Section
from churnmodel.version import VERSION


def compare_page(told: Compared, first: Sequence[Section] = (), more: Sequence[Section] = ()) -> str:
    """A training's comparison as one HTML page that needs nothing else; texts out of the data are only text in it.

    Parameters
    ----------
    first, more
        Sections made elsewhere; they stand before and after the figures of the models.
    """
    return page(
        "compare.html.j2",
        told=told,
        version=VERSION,
        verdict=verdict(told),
        flattered=flattered(told),
        reasons=[called_in(reason, told.by_loss) for reason in told.reasons],
        sections=[*first, *sections_of_models(told), *more, *sections_of_time(told)],
    )
