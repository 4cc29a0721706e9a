"""Chapters to one HTML document, through nbconvert."""
