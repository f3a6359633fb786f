"""How does a person run churnmodel? (`churnmodel <act>`)

Nothing heavy is imported before an act needs it, so that ``--help`` answers at once. A refusal is one line on
stderr and exit code 2; ``--debug`` shows the traceback.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The console script."""
    # nothing phones home, whatever the libraries' defaults are
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    from churnmodel.cli.app import app
    from churnmodel.errors import ChurnmodelError

    debug = "--debug" in sys.argv
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        app(arguments, prog_name="churnmodel")
    except ChurnmodelError as refusal:
        if debug:
            raise
        sys.stderr.write(f"churnmodel: {refusal}\n")
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        sys.stderr.write("churnmodel: stopped\n")
        raise SystemExit(130) from None
