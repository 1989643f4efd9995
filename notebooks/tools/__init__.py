"""Sets up, runs and exports the notebooks. README.md says what is where."""
