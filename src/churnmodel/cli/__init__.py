"""How does a person run churnmodel? (`churnmodel <act>`)

Nothing heavy is imported before an act needs it, so that ``--help`` answers at once. A refusal is one line on
stderr and exit code 2; ``--debug`` shows the traceback.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """The console script."""
    # nothing phones home, whatever the libraries' defaults are
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    # idle threads of LightGBM sleep: spinning ones slow everything down where cores are shared
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # queries are built from many small objects that all stay: looking for dead ones among them seldom finds any
    gc.set_threshold(50_000, 20, 100)
    from churnmodel.cli.app import app
    from churnmodel.errors import ChurnmodelError

    debug = "--debug" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        app(arguments, prog_name="churnmodel")
    except ChurnmodelError as refusal:
        if debug:
            raise
        _tell(str(refusal))
        raise SystemExit(2) from None
    except OSError as refusal:
        if debug:
            raise
        _tell(f"{refusal.strerror or refusal}: {refusal.filename or ''}".rstrip(": "))
        raise SystemExit(2) from None
    except Exception as fault:
        if debug:
            raise
        first = (str(fault).strip().splitlines() or [""])[0]
        _tell(f"a fault of churnmodel, not of your input: {type(fault).__name__}: {first} (--debug shows where)")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        sys.stderr.write("churnmodel: stopped\n")
        raise SystemExit(130) from None


def _tell(message: str) -> None:
    """One line on stderr, without anything a terminal would obey."""
    line = " ".join(message.split())
    sys.stderr.write("churnmodel: " + "".join(c for c in line if c.isprintable()) + "\n")
