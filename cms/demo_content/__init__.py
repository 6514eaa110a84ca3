"""The words and drawings of the demo's site; loaded by ``cms.demo``."""
