"""Everything a terminal shows, by one name."""

from churnmodel.cli.console import say
from churnmodel.cli.show_accounts import at_risk, demo_end, explanation, score_end
from churnmodel.cli.show_audit import account_report, audit_report, audit_summary
from churnmodel.cli.show_champions import champions, promoted
from churnmodel.cli.show_compared import standing
from churnmodel.cli.show_incumbents import judgement, new_weights
from churnmodel.cli.show_models import compare_end, comparison, record, record_within, train_end
from churnmodel.cli.show_money import in_money
from churnmodel.cli.show_tables import dictionary, label_summary, matrix, moved

__all__ = [
    "account_report",
    "at_risk",
    "audit_report",
    "audit_summary",
    "champions",
    "compare_end",
    "comparison",
    "demo_end",
    "dictionary",
    "explanation",
    "in_money",
    "judgement",
    "label_summary",
    "matrix",
    "moved",
    "new_weights",
    "promoted",
    "record",
    "record_within",
    "say",
    "score_end",
    "standing",
    "train_end",
]
