"""How is the last training shown to others? (its page, and its predictions as a file of their own)"""

from __future__ import annotations

from pathlib import Path

from churnmodel.errors import BundleError, ModelError
from churnmodel.evaluation.prediction_columns import meaning_of
from churnmodel.reports.compare_money import section_of_verdict, sections_of_money
from churnmodel.reports.compare_page import compare_page
from churnmodel.reports.compared import Compared
from churnmodel.scoring.atomic import replace_text, unfinished_folder
from churnmodel.scoring.bundle import read_bundle
from churnmodel.scoring.champion import champion_folder
from churnmodel.workflow.record import Record, read_record, record_folder


def compared(record: Record, in_use: str | None = None) -> Compared:
    """What the page of a record rests on; `in_use` names the model that scores today."""
    about = record.about
    return Compared(
        project=about["project"],
        currency=about["currency"],
        until=about["data_until"],
        training=record.name,
        titles=about["titles"],
        champion=about["champion"],
        challenger=about["challenger"],
        best=about.get("best"),
        not_servable=about.get("not_servable", ()),
        in_use=in_use,
        reasons=about["reasons"],
        findings=about["findings"],
        leaderboard=record.leaderboard,
        backtest=record.backtest,
        draws=about["draws"],
        seed=about["seed"],
        caveat=record.caveat,
    )


def model_in_use(home: Path) -> str | None:
    """Name and version of the model that scores today; None where there is none that can be read."""
    try:
        bundle = read_bundle(champion_folder(home))
    except BundleError:
        return None
    return f"{bundle.manifest.model.name} {bundle.short_version}"


def name_in_use(home: Path) -> str | None:
    """The name alone."""
    told = model_in_use(home)
    return None if told is None else told.rpartition(" ")[0]


def write_page(home: Path, record: Record, place: Path) -> Path:
    """Write the comparison as one HTML file, whole or not at all."""
    about = record.about
    told = compared(record, model_in_use(home))
    text = compare_page(
        told,
        first=section_of_verdict(record.verdict),
        more=sections_of_money(told, record.money, about.get("money", {})),
    )
    return replace_text(place, text)


def write_predictions(home: Path, place: Path) -> dict[str, str]:
    """Copy the out-of-time predictions to a Parquet file that explains itself; column -> meaning.

    One row per judged snapshot and model. The meaning of each column is also in the file, as metadata of its field
    (``meaning``).

    Raises
    ------
    ModelError
        There is no training yet, or `place` is not named ``.parquet``.
    """
    import pyarrow.parquet as pq

    if place.suffix != ".parquet":
        raise ModelError(f"--predictions {place}: wanted a name that ends in .parquet, which is what it writes")
    kept = record_folder(home) / "predictions.parquet"
    if not kept.is_file():
        raise ModelError(f"no predictions in {kept.parent}. Run 'churnmodel train' again.")
    table, caveat = pq.read_table(kept), read_record(home).caveat
    meanings = {name: meaning_of(name, caveat) for name in table.column_names}
    schema = table.schema
    for k, name in enumerate(table.column_names):
        schema = schema.set(k, schema.field(k).with_metadata({"meaning": meanings[name]}))
    with unfinished_folder(beside=place) as unfinished:
        pq.write_table(table.cast(schema), unfinished / place.name)
        (unfinished / place.name).replace(place)
    return meanings
