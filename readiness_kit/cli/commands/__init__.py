"""The commands, one module a family; each is imported only when one of its commands runs."""
