"""Are the tables fit to learn from? (what is missing, doubled, orphaned, impossible; fatal or counted)"""

from churnmodel.sources.audit.account import AccountAudit, audit_account
from churnmodel.sources.audit.finding import AuditFinding, TableFacts
from churnmodel.sources.audit.run import Audit, audit

__all__ = ["AccountAudit", "Audit", "AuditFinding", "TableFacts", "audit", "audit_account"]
