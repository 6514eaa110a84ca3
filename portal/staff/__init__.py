"""The practice's own pages: the day, the runners, the books. See docs/day-board.md."""
