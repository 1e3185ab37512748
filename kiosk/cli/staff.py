"""`kiosk staff`: the PIN that opens the librarian's page at the panel."""

from __future__ import annotations

import typer

from kiosk import bootstrap
from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.settings import load

app = typer.Typer(help="Librarians at the panel.", no_args_is_help=True)


@app.command("pin")
def pin(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Choose the PIN, 4 to 8 digits. Kept as a hash; the old one is void at once."""
    chosen = load(settings)
    typed = typer.prompt("New PIN", hide_input=True, confirmation_prompt="Once more")
    bootstrap.pin_file_of(chosen).choose(typed.strip())
    category = chosen.staff.category
    print(f"The PIN is set. Cards of the category {category!r} open the librarian's page with it.")
