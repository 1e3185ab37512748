"""The librarians' pages."""
