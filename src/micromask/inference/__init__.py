"""A fitted model on film: intervals and probabilities."""
