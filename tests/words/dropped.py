"""A data folder with languages and own texts in it, as a librarian would lay it there."""

from __future__ import annotations

from pathlib import Path

HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def po(*entries: tuple[str, str], header: str = HEADER) -> str:
    """A catalogue of these entries, as a translator's tool writes it; a text's quotes are its own affair."""
    return header + "\n".join(f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in entries)


def language(
    data: Path, code: str, catalogue: str | bytes = "", toml: str | bytes = 'name = "Tày"\n'
) -> Path:
    """The folder of a language dropped into the station's data."""
    folder = data / "languages" / code
    folder.mkdir(parents=True)
    for name, content in (("gocdoc.po", catalogue or po()), ("language.toml", toml)):
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
