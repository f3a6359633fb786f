"""Are the tables fit to learn from? (what is missing, doubled, orphaned, impossible; fatal or counted)"""

from churnmodel.sources.audit.finding import AuditFinding, TableFacts
from churnmodel.sources.audit.run import Audit, audit

__all__ = ["Audit", "AuditFinding", "TableFacts", "audit"]
