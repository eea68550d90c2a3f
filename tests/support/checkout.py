"""Where the sources lie that tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The folder of the checkout."""
