"""Open film, give frames with their true times."""
