"""Tables as Parquet: each column says in the file what it means."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xapi.warehouse import extra

Kind = Literal["text", "moment", "boolean", "whole", "number"]


@dataclass(frozen=True)
class Column:
    """A column of a table: a moment is an aware datetime, a number a float."""

    name: str
    kind: Kind
    meaning: str = ""


def schema_of(columns: Sequence[Column]) -> Any:
    """As pyarrow says it, with each column's meaning as its `description`. Raises AnalystExtraMissing."""
    arrow = extra("pyarrow")
    kinds: Mapping[Kind, Any] = {
        "text": arrow.string(),
        "moment": arrow.timestamp("us", tz="UTC"),
        "boolean": arrow.bool_(),
        "whole": arrow.int64(),
        "number": arrow.float64(),
    }
    return arrow.schema([arrow.field(c.name, kinds[c.kind], metadata={"description": c.meaning}) for c in columns])


def table_of(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> Any:
    """Rows, each in the order of the columns, as a pyarrow table. Raises AnalystExtraMissing."""
    arrow = extra("pyarrow")
    schema = schema_of(columns)
    arrays = [arrow.array([row[place] for row in rows], type=field.type) for place, field in enumerate(schema)]
    return arrow.Table.from_arrays(arrays, schema=schema)


def as_parquet(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> bytes:
    """The same as a file in memory. Raises AnalystExtraMissing."""
    out = io.BytesIO()
    extra("pyarrow.parquet").write_table(table_of(columns, rows), out, compression="zstd")
    return out.getvalue()
