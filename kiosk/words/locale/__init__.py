"""Translations: one gettext .po file a language, edited by people, compiled in memory at start."""
