"""A table or an index of the application's database."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import sql


@dataclass(frozen=True, slots=True)
class Relation:
    """Named by its schema and itself."""

    schema: str
    relation: str

    @property
    def name(self) -> str:
        """For people: without the schema where it is the usual one."""
        return self.relation if self.schema == "public" else f"{self.schema}.{self.relation}"

    @property
    def quoted(self) -> "sql.Identifier":
        """For statements."""
        from psycopg import sql  # noqa: PLC0415

        return sql.Identifier(self.schema, self.relation)
