"""An evaluation as a page to look at, and as Markdown and CSV; and a leaderboard over several."""

from photochrom.evaluation.report.leaderboard import make_leaderboard, write_leaderboard
from photochrom.evaluation.report.write import write_report

__all__ = ["make_leaderboard", "write_leaderboard", "write_report"]
