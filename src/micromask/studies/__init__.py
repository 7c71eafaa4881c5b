"""Build your own data set."""
