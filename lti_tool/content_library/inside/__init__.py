"""Looks inside pictures, films and office files; each check yields lines (0: unknown) and what is wrong."""
