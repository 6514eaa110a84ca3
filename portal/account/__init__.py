"""The runner's own pages: what she has, what is next, what happened."""
