"""The files that a person applies and reads: the patch of the values, manifests, `commands.md` and the plan."""
