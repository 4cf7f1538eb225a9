"""What everybody can use: the pages with content, looked at and walked in a real browser (`make prove-access`)."""
