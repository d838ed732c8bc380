"""From published files to installed plugins: one module for each arrow of the data flow."""
