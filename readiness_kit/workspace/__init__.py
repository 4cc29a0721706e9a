"""The assessment folder: answers, settings, events, milestones and the open session."""
