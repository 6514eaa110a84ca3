"""A thumb on a phone: it counts what a runner has to do, taps and fields to type."""

from dataclasses import dataclass

from playwright.sync_api import Locator


@dataclass
class Thumb:
    """Both counts since it was made; what is only read or waited for costs nothing."""

    taps: int = 0
    fields: int = 0

    def tap(self, target: Locator) -> None:
        self.taps += 1
        target.click()

    def type(self, target: Locator, words: str) -> None:
        self.fields += 1
        target.fill(words)
