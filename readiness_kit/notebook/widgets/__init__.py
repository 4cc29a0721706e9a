"""Interactive widgets: question cards, forms, the start and report panels."""
