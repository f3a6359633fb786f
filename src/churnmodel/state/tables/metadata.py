"""By which rule are constraints and indexes of the state database named?"""

from __future__ import annotations

from sqlalchemy import MetaData

METADATA = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})
