"""Translations: one gettext .po file a language, edited by people, compiled in memory when the station starts."""
