"""The built-in LRS makes its schema itself, beside that of the tool."""

from xapi.engine import make_engine
from xapi.lrs_server import SCHEMA


def test_the_migrated_schema_is_the_one_that_the_code_expects(database_url: str) -> None:
    SCHEMA.upgrade(database_url)
    engine = make_engine(database_url)
    assert SCHEMA.differences(engine) == []
    engine.dispose()


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    SCHEMA.upgrade(database_url)
    SCHEMA.upgrade(database_url)
