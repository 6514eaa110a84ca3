"""Forms that visitors send: contact, race teams, and what editors build. See docs/forms.md."""
