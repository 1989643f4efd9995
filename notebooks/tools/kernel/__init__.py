"""The kernel that runs the cells."""
