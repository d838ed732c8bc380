"""The pages of the catalogue: what stands on them, and how it becomes HTML."""
