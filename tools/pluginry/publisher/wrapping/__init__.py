"""What the stage *wrap* is made of: one module for each format of foreign archives."""
