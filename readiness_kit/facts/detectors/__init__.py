"""The tools found in the cluster, by a table of indicators."""
