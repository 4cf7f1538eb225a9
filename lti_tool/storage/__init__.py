"""The rows: the only home of SQLAlchemy in the tool; functions take and return domain values."""
