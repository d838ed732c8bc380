"""What the stage *pack* is made of: reading a folder, judging it, and judging finished packages."""
