"""One fold: clips in, fitted model out."""
