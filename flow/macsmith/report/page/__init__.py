"""The page with charts: sections, charts, and the published figures beside them."""
