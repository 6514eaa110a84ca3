"""The runner's booking pages. See docs/runner-journey.md."""
