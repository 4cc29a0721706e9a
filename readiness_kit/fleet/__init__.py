"""Records of several clusters and their common page."""
