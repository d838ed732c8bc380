"""From claims to published files: one module for each arrow of the data flow."""
