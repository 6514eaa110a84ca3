"""What we add to the Wagtail admin."""
