"""Read-only views: tables, charts, summaries, links."""
