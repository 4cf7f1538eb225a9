"""From checked shapes to what learners meet, with the municipality's own words filled in."""
