"""Exports: tables, ELAN, JSON, reports and clips of recordings in one zip."""
