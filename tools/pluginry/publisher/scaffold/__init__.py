"""The first files of a plugin project."""
