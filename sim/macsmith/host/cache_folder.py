"""Where compiled models and results are kept from run to run."""

import os
from pathlib import Path

import platformdirs


def cache_folder(kind: str) -> Path:
    """Return the folder of one kind of cached thing, made if missing.

    It lies in the user's cache folder, or in ``MACSMITH_CACHE`` where that is set.
    """
    root = os.environ.get("MACSMITH_CACHE") or platformdirs.user_cache_dir("macsmith")
    folder = Path(root) / kind
    folder.mkdir(parents=True, exist_ok=True)
    return folder
