"""The page of codecs: how much smaller they make networks, and what they cost."""
