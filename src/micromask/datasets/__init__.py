"""Recordings and annotation sheets become clips; here too the synthetic film."""
