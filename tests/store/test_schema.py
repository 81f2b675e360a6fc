"""The tables: made by migrations, the same as in `schema`, for SQLite and PostgreSQL, without slowing an opening."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from forkframe.store import migrate
from forkframe.store.schema import METADATA
from forkframe.store.sqlite import reading_engine


def test_what_the_migrations_make_is_what_the_schema_says(fresh: Path) -> None:
    with reading_engine(fresh / "workspace.db").begin() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == migrate.HEAD


def test_the_newest_migration_is_the_head() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == migrate.HEAD


def test_every_table_has_the_workspace_in_its_primary_key_and_compiles_for_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in METADATA.tables.values():
        assert next(iter(table.primary_key)).name == "workspace_id"
        assert "PRIMARY KEY (workspace_id" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect)).startswith(
                ("CREATE INDEX", "CREATE UNIQUE INDEX")
            )


def test_an_ordinary_opening_does_not_import_alembic(path: Path) -> None:
    program = """
import sys
from pathlib import Path
from forkframe.store import Store, read_graph
Store.open(Path(sys.argv[1])).close()
read_graph(Path(sys.argv[1]))
print("alembic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program, path], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
