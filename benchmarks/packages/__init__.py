"""Content packages: how fast they are checked, loaded and previewed, and how hostile ones are refused."""
