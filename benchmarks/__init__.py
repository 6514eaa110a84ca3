"""Ratios inside one run, never seconds: docs/performance.md tells how to read them."""
