"""Installs what the notebooks need."""
