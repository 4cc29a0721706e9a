"""The assessment folder: answers, settings, events, milestones, exchange and the session."""
