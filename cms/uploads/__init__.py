"""What may be uploaded, and what happens to it before it is kept. See docs/importing.md."""
