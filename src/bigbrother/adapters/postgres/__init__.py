"""PostgreSQL 18 with pgvector, from the programs that a wheel carries."""
