"""The journeys: one room each; a method is a step that someone takes, and one transaction."""
