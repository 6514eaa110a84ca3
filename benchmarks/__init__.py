"""Ratios inside one run, never seconds: docs/operations.md tells how to read them."""
