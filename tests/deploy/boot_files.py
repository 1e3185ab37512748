"""Boot files as a fresh card has them, for the tests of the boot settings."""

from __future__ import annotations

from pathlib import Path

# What Raspberry Pi OS writes (Bookworm and Trixie), in the order it writes it.
FRESH_CONFIG = """\
# Some settings may impact device functionality.
#dtparam=i2c_arm=on
#dtparam=spi=on

dtparam=audio=on
camera_auto_detect=1
display_auto_detect=1
auto_initramfs=1
dtoverlay=vc4-kms-v3d
max_framebuffers=2
disable_fw_kms_setup=1
arm_64bit=1
disable_overscan=1
arm_boost=1

[cm4]
otg_mode=1

[cm5]
dtoverlay=dwc2,dr_mode=host

[all]
"""
FRESH_CMDLINE = (
    "console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait "
    "quiet splash plymouth.ignore-serial-consoles\n"
)


def fresh_boot(folder: Path, config: str = FRESH_CONFIG, cmdline: str = FRESH_CMDLINE) -> Path:
    """A boot partition with these two files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.txt").write_bytes(config.encode())
    (folder / "cmdline.txt").write_bytes(cmdline.encode())
    return folder
