"""From findings to proven fixes: what closes a failed check, made for this cluster, and judged again."""
