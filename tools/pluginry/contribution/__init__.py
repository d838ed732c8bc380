"""From somebody's change to the registry to a verdict on it, and back to the people who wait."""
