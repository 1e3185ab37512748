"""How the centre's tables came to be, revision by revision."""
