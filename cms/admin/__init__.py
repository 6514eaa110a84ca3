"""What we add to the Wagtail admin, a module for each part."""
