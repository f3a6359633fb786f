"""In which ways does churnmodel refuse, and what does each refusal tell?

Every error the package raises on purpose descends from `ChurnmodelError`, so one `except` catches a refusal
and nothing else. A message says what was wanted, what came and what to do.

::

    ChurnmodelError
    +-- SettingsError        churnmodel.toml (or a model's TOML) cannot be used
    +-- SourceError          a table cannot be read or mapped to the contract
    |   +-- AuditError       the tables are readable but not fit to learn from
    +-- FeatureError         a feature is ill-defined, or a feature matrix lacks what was asked for
    +-- ModelError           a model cannot be fitted or judged
    |   +-- TooFewChurners   there is too little to learn from, and a figure would only be noise
    +-- BundleError          a trained model on disk is missing, damaged or of another format
    +-- GateError            a model may not take the place of the one in use (has `.refusals`)
    +-- TrackingError        what was done is published, but MLflow could not be told
    +-- ScoreError           an account or a score table is not there to be read
    |   +-- NoAccountError   no account has this id or name
    +-- StateError           what people changed cannot be read or written
    +-- DeliveryError        a message may not be sent where it should go
    +-- RequestError         a request names something unknown, missing or malformed (has `.field`)
"""

from __future__ import annotations


class ChurnmodelError(Exception):
    """Any refusal of the package; `str(error)` is one sentence fit for a person."""


class SettingsError(ChurnmodelError):
    """A settings file cannot be used as it stands."""


class SourceError(ChurnmodelError):
    """A table cannot be read, or cannot be mapped to the contract."""


class AuditError(SourceError):
    """The tables can be read, but a fatal finding forbids learning from them."""


class FeatureError(ChurnmodelError):
    """A feature is ill-defined, or a feature matrix lacks what was asked for."""


class ModelError(ChurnmodelError):
    """A model cannot be fitted or judged on what was given."""


class TooFewChurners(ModelError):  # noqa: N818 - reads as the sentence it is
    """Too few churners to learn from; whatever came out would be noise."""


class BundleError(ChurnmodelError):
    """A trained model on disk is missing, damaged, or of another format version."""


class GateError(ChurnmodelError):
    """A model may not take the place of the one in use.

    Parameters
    ----------
    message
        Every reason in one line, and what to do.
    refusals
        The reasons, one sentence each.
    """

    def __init__(self, message: str, refusals: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.refusals = refusals


class TrackingError(ChurnmodelError):
    """MLflow could not be told of a training or a promotion; what was published locally stays."""


class ScoreError(ChurnmodelError):
    """An account, or a table of scores, is not there to be read."""


class NoAccountError(ScoreError):
    """No account has this id or name there."""


class StateError(ChurnmodelError):
    """What people changed cannot be read, or not be written."""


class DeliveryError(ChurnmodelError):
    """A message may not be sent where it should go; says which channel, and never its URL."""


class RequestError(ChurnmodelError):
    """A request names something unknown, missing or malformed.

    Parameters
    ----------
    message
        What was wanted, what came, what to do.
    field
        Where in the request, as a dotted path (``"accounts.0.features.nps_latest"``).
    """

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field
