"""The built-in LRS makes its schema itself, beside that of the tool."""

from xapi.engine import make_engine
from xapi.lrs_server import schema


def test_the_migrated_schema_is_the_one_that_the_code_expects(database_url: str) -> None:
    schema.upgrade(database_url)
    engine = make_engine(database_url)
    assert schema.differences(engine) == []
    engine.dispose()


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    schema.upgrade(database_url)
    schema.upgrade(database_url)
