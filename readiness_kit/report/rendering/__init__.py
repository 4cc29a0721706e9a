"""From chapters to one HTML document through nbconvert."""
