"""The same again every so many weeks. See docs/series.md."""
