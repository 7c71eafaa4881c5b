"""The vocabulary: types, the registry, errors. Imports numpy and nothing heavier."""
