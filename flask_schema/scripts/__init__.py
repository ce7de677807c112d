"""Revision files: Python source from operations, the template, the file on disk, and its loading."""
