"""The page tree. See docs/content.md."""

from cms.pages.base import BasePage

__all__ = ["BasePage"]
