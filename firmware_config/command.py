"""The `kiosk firmware` commands: show, check and write the board's boot settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from firmware_config import block
from firmware_config.board import MODEL, detect
from firmware_config.compose import Firmware, check, compose, text
from firmware_config.errors import FirmwareError
from firmware_config.fragments import names
from firmware_config.write import write

BOOT: Final = Path("/boot/firmware")
DEFAULT_PANEL: Final = "official-7"
DEFAULT_READER: Final = "rc522-spi0"

app = typer.Typer(
    no_args_is_help=True, help="The Raspberry Pi's boot settings (config.txt and the kernel's command line)."
)

BootOption = Annotated[Path, typer.Option("--boot", help="where the boot partition is mounted")]
BoardOption = Annotated[
    str | None, typer.Option("--board", help=f"{', '.join(names('boards'))}; else the board this runs on")
]
PanelOption = Annotated[
    str | None, typer.Option("--panel", help=f"{', '.join(names('panels'))}; else as written before")
]
ReaderOption = Annotated[
    str | None, typer.Option("--reader", help=f"{', '.join(names('readers'))}; else as written before")
]
ModelOption = Annotated[Path, typer.Option("--model", help="file that names the board", hidden=True)]


@app.command()
def show(
    boot: BootOption = BOOT,
    board: BoardOption = None,
    panel: PanelOption = None,
    reader: ReaderOption = None,
    model: ModelOption = MODEL,
) -> None:
    """Print what would be written, and write nothing."""
    try:
        firmware = _firmware(boot, board, panel, reader, model)
        if (boot / "config.txt").exists():
            config = block.split(firmware.merge_config(text(boot / "config.txt"))).block
            command = firmware.merge_cmdline(text(boot / "cmdline.txt"))
        else:
            config, command = firmware.config_txt, firmware.cmdline
    except FirmwareError as error:
        _refuse(error)
    typer.echo(f"== {boot / 'config.txt'}, between the marks\n{config.rstrip()}")
    typer.echo(f"== {boot / 'cmdline.txt'}\n{command.rstrip()}")


@app.command("check")
def check_command(
    boot: BootOption = BOOT,
    board: BoardOption = None,
    panel: PanelOption = None,
    reader: ReaderOption = None,
    model: ModelOption = MODEL,
) -> None:
    """Compare the boot settings with what the station needs; exit status 1 when something is amiss."""
    try:
        firmware = _firmware(boot, board, panel, reader, model)
        found = check(boot, firmware.board.name, firmware.panel, firmware.reader)
    except FirmwareError as error:
        _refuse(error)
    for finding in found:
        typer.echo(finding)
    if found:
        raise typer.Exit(1)
    typer.echo(f"boot settings fit {firmware.board.name}, {firmware.panel}, {firmware.reader}")


@app.command("write")
def write_command(
    boot: BootOption = BOOT,
    board: BoardOption = None,
    panel: PanelOption = None,
    reader: ReaderOption = None,
    model: ModelOption = MODEL,
) -> None:
    """Write the boot settings; they count from the next start. The old files are kept beside the new."""
    try:
        changed = write(boot, _firmware(boot, board, panel, reader, model))
    except FirmwareError as error:
        _refuse(error)
    for path in changed:
        typer.echo(f"{path}: written; it counts from the next start")
    if not changed:
        typer.echo("boot settings are as they should be; nothing written")


def _firmware(boot: Path, board: str | None, panel: str | None, reader: str | None, model: Path) -> Firmware:
    """What was asked for, else what the block on the card was written for, else what fits this board."""
    path = boot / "config.txt"
    before = block.chosen(block.split(text(path)).block) if path.exists() else None
    if before is not None:
        board, panel, reader = board or before[0], panel or before[1], reader or before[2]
    return compose(board or detect(model), panel or DEFAULT_PANEL, reader or DEFAULT_READER)


def _refuse(error: FirmwareError) -> None:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)
