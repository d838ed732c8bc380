"""One module for each thing that is looked for in packages; none of them knows another."""
