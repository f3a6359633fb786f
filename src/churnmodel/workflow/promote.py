"""May this model take the place of the one in use, and how does one go back?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from churnmodel.errors import BundleError, GateError, TrackingError
from churnmodel.scoring.atomic import only_writer
from churnmodel.scoring.champion import VERSION, set_champion, version_in_use
from churnmodel.scoring.reigns import Reign, reigns, succession
from churnmodel.tracking.aliases import follow_champion
from churnmodel.workflow.gate import Refused, gate, refuse_unkept
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import FOLDER, Record, read_record
from churnmodel.workflow.tracked import experiment_of

OVERRULE = '`--force "REASON"` overrules the gate and keeps the reason.'


@dataclass(frozen=True)
class Promoted:
    """A change of the model in use: what it is now and was before, and what the gate had said against it.

    `untold` says why MLflow could not follow; None where it did.
    """

    now: Reign
    before: str | None
    folder: Path
    overruled: tuple[Refused, ...]
    untold: str | None


def promote(project: Project, wanted: str, *, force: str | None = None) -> Promoted:
    """Put a model of the last training, or any kept version, into use.

    Parameters
    ----------
    wanted
        The name of a model of the last training, or 12 digits of a version under ``<home>/models``.
    force
        Why the gate is to be overruled; the reason and what it overruled are kept in the history.

    Raises
    ------
    GateError
        The gate refuses it and nobody forces it, or it is a class that only a pickle could keep, which nothing
        can force; the one in use stays.
    BundleError
        No such model is kept, it is in use already, or it is damaged (which nothing can force).
    """
    if force is not None and not force.strip():
        raise GateError("--force: wanted a reason in words, got none. It is kept in the history of champions.")
    with only_writer(project.home / FOLDER):
        record = read_record(project.home)
        if unkept := refuse_unkept(record, wanted):
            raise _refusal(wanted, unkept, f"Promote one that is kept: {', '.join(record.bundles)}.")
        version = _version(project.home, record, wanted)
        in_use = version_in_use(project.home)
        if version == in_use:
            raise BundleError(
                f"{wanted} ({version}) is the one in use already. `churnmodel champions` lists them."
            )
        folder = project.home / "models" / version
        refused = gate(project, record, folder)
        if refused and (force is None or any(r.kind == "not servable" for r in refused)):
            unservable = any(r.kind == "not servable" for r in refused)
            raise _refusal(wanted, refused, "Train again." if unservable else OVERRULE)
        place = set_champion(
            project.home,
            folder,
            how="promote",
            training=record.name if version in record.bundles.values() else "",
            reason=force.strip() if force else "passed the gate",
            overruled=tuple(str(r) for r in refused),
        )
        return Promoted(_last(project.home), in_use, place, refused, _tell(project, version))


def rollback(project: Project, reason: str = "") -> Promoted:
    """Put the champion before the one in use into use again. It passed a gate once, so it passes none now.

    Raises
    ------
    BundleError
        There is none before it, or its bundle is gone or damaged; the one in use stays.
    """
    with only_writer(project.home / FOLDER):
        in_use = version_in_use(project.home)
        ruling = succession(reigns(project.home))
        while ruling and ruling[-1].version == in_use:
            ruling.pop()
        if in_use is None or not ruling:
            raise BundleError(
                "there is no champion before the one in use to go back to. `churnmodel champions` lists all there "
                "were; `churnmodel promote MODEL` takes another model of the last training."
            )
        before = ruling[-1]
        place = set_champion(
            project.home,
            project.home / "models" / before.version,
            how="rollback",
            training=before.training,
            reason=reason.strip() or f"back from {in_use}",
        )
        return Promoted(_last(project.home), in_use, place, (), _tell(project, before.version))


def _version(home: Path, record: Record, wanted: str) -> str:
    """The kept version that is meant."""
    if wanted in record.bundles:
        return record.bundles[wanted]
    if VERSION.fullmatch(wanted) and (home / "models" / wanted).is_dir():
        return wanted
    kept = ", ".join(record.bundles) or "none"
    raise BundleError(
        f"no model {wanted!r} to promote: wanted a model of the last training ({kept}) or the 12 digits of a "
        "version that `churnmodel champions` lists."
    )


def _refusal(wanted: str, refused: tuple[Refused, ...], way: str) -> GateError:
    told = tuple(str(r) for r in refused)
    return GateError(f"the gate refuses {wanted}: {' '.join(told)} The one in use stays. {way}", told)


def _last(home: Path) -> Reign:
    return reigns(home)[-1]


def _tell(project: Project, version: str) -> str | None:
    """Let MLflow's alias follow; what is published stays, whether or not it can."""
    try:
        follow_champion(
            version, home=project.home, uri=project.settings.tracking.uri, experiment=experiment_of(project)
        )
    except TrackingError as cause:
        return str(cause)
    return None
