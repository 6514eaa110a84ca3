"""The practice's own words in the mails of the portal (N6)."""
