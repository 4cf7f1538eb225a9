"""Numbered migrations: expand, migrate, contract."""
