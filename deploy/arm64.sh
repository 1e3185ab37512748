#!/usr/bin/env bash
# Tries the station on a Raspberry Pi's architecture without a Pi: a Debian arm64 root under QEMU's user-mode
# emulation, deploy/install.sh in it, Kivy's first frame, then the headless afternoon. Prints the time of each
# stage and the afternoon's summary; exit status 0 only if all of it went well.
# Resumable: what is made already is used again. All mounts and processes end with it, even when it is killed.
set -euo pipefail
export LC_ALL=C.UTF-8

usage() {
    cat <<'END'
sudo deploy/arm64.sh [options]
  --root DIR       where the arm64 root is made or found   (default /var/tmp/gocdoc-arm64)
  --tar FILE       unpack the root from here when it is not made yet; else pack a new one into it
  --suite NAME     bookworm (default) or trixie
  --mirror URL     Debian's archive (default: the one this machine uses)
  --out DIR        the afternoon's summary and pictures    (default ./var/arm64)
  --no-afternoon   stop after the first frame
  --fresh          forget what an earlier run installed in the root
END
}
fail() { printf 'arm64.sh: %s\n' "$*" >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
given=("$@")
root=/var/tmp/gocdoc-arm64 tar='' suite=bookworm mirror='' out=$here/var/arm64 afternoon=yes fresh=no
while (($#)); do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --no-afternoon) afternoon=no; shift; continue ;;
    --fresh) fresh=yes; shift; continue ;;
    --root | --tar | --suite | --mirror | --out) (($# > 1)) || fail "$1 wants a value" ;;
    *) fail "'$1' is not an option; --help lists them" ;;
    esac
    case $1 in
    --root) root=$(realpath -m "$2") ;;
    --tar) tar=$(realpath -m "$2") ;;
    --suite) suite=$2 ;;
    --mirror) mirror=$2 ;;
    --out) out=$(realpath -m "$2") ;;
    esac
    shift 2
done
[[ $root != / ]] || fail "--root / is this machine itself"
[[ $EUID -eq 0 ]] || fail "needs root, for the mounts and the other root: sudo $0"

# A mount and process namespace of its own: everything ends with this script.
if [[ ${GOCDOC_ARM64:-} != inside ]]; then
    exec env GOCDOC_ARM64=inside unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" "${given[@]}"
fi

stages=()
stage() { # name, command...: runs it and keeps the time it took
    local name=$1 start=$SECONDS
    shift
    printf '=== %s\n' "$name"
    "$@" || { printf '=== %s failed after %s s\n' "$name" $((SECONDS - start)); exit 1; }
    stages+=("$(printf '%-32s %5s s' "$name" $((SECONDS - start)))")
}

# --- what this machine must have ---------------------------------------------------------------------------------

tools() {
    local tool missing=()
    for tool in debootstrap:debootstrap qemu-aarch64-static:qemu-user-static update-binfmts:binfmt-support; do
        command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
    done
    ((${#missing[@]} == 0)) || fail "install first: apt-get install ${missing[*]}"
}
emulation() {
    [[ $(uname -m) != aarch64 ]] || return 0
    mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    [[ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]] || update-binfmts --enable qemu-aarch64
    # F: the kernel keeps the emulator open, so that the other root need not contain it.
    grep -q '^flags:.*F' /proc/sys/fs/binfmt_misc/qemu-aarch64 ||
        fail "aarch64 programs are not run through a fixed emulator here; reinstall qemu-user-static"
}

# --- the root ----------------------------------------------------------------------------------------------------

host_mirror() { # the archive whose Suites name the suite, from this machine's own Debian sources
    local file=/etc/apt/sources.list.d/debian.sources
    if [[ -e $file ]]; then
        awk -v suite="$suite" '/^URIs:/ {uri = $2}
            /^Suites:/ {for (i = 2; i <= NF; i++) if ($i == suite && uri) {print uri; exit}}' "$file"
    elif [[ -e /etc/apt/sources.list ]]; then
        awk -v suite="$suite" '$1 == "deb" && $3 == suite {print $2; exit}' /etc/apt/sources.list
    fi
}
make_root() {
    [[ ! -e $root/.debootstrapped ]] || { printf 'found %s\n' "$root"; return 0; }
    rm -rf "$root"
    mkdir -p "$root"
    if [[ -n $tar && -e $tar ]]; then
        tar -x -C "$root" -f "$tar"
    else
        local from=${mirror:-$(host_mirror)}
        [[ -n $from ]] || fail "this machine's sources name no archive for $suite; use --mirror"
        debootstrap --arch=arm64 --variant=minbase --include=ca-certificates,git,python3 "$suite" "$root" "$from" \
            >"$root.log" 2>&1 || { tail -5 "$root.log"; return 1; }
        if [[ -n $tar ]]; then tar -c -C "$root" -f "$tar.part" . && mv "$tar.part" "$tar"; fi
    fi
    : >"$root/.debootstrapped"
}
forget() { rm -rf "$root/opt/gocdoc" "$root/etc/gocdoc" "$root/var/lib/gocdoc" "$root/src" "$root/out"; }

mounts() {
    mount -t proc proc "$root/proc"
    mount --rbind --make-rslave /sys "$root/sys"
    mount --rbind --make-rslave /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/run"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

# pip in there uses what pip uses here: its configuration, its certificate, its local folders.
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb)
pip_as_here() {
    local name certificate folder settings=''
    if [[ -r /etc/pip.conf ]]; then
        cp /etc/pip.conf "$root/run/pip.conf"
        environment+=(PIP_CONFIG_FILE=/run/pip.conf)
        settings+=$(</etc/pip.conf)$'\n'
    fi
    if [[ -r ~/.config/pip/pip.conf ]]; then
        install -D -m 0600 ~/.config/pip/pip.conf "$root/root/.config/pip/pip.conf"
        settings+=$(<~/.config/pip/pip.conf)$'\n'
    fi
    for name in $(compgen -e); do
        case ${name,,} in
        pip_cert | pip_config_file) ;;
        pip_* | http_proxy | https_proxy | no_proxy)
            environment+=("$name=${!name}")
            settings+="${!name}"$'\n'
            ;;
        esac
    done
    certificate=${PIP_CERT:-$(sed -n 's/^ *cert *= *//p' <<<"$settings" | tail -1)}
    if [[ -n $certificate && -r $certificate ]]; then
        cp -L "$certificate" "$root/run/certificates.crt"
        environment+=(PIP_CERT=/run/certificates.crt SSL_CERT_FILE=/run/certificates.crt)
    fi
    while IFS= read -r folder; do
        [[ -d $folder && $folder != / ]] || continue
        mkdir -p "$root$folder"
        mount --bind -o ro "$folder" "$root$folder"
    done < <(grep -oE '(file://)?/[A-Za-z0-9._/-]+' <<<"$settings" | sed 's|^file://||' | sort -u)
}
inside() { chroot "$root" /usr/bin/env -i "${environment[@]}" "$@"; }

# --- the stages --------------------------------------------------------------------------------------------------

copy_source() {
    mkdir -p "$root/src"
    # What git knows, as it lies here, without what is only made here (.venv, var, caches).
    (cd "$here" && git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done | tar -c --null -T -) |
        tar -x -C "$root/src"
}
install_station() { inside /src/deploy/install.sh --id thu-arm64; }
install_again() {
    local answer
    answer=$(inside /src/deploy/install.sh --id thu-arm64 --check) || { printf '%s\n' "$answer"; return 1; }
    grep -q '^nothing is missing' <<<"$answer"
}
first_frame() {
    inside runuser -u gocdoc -- env HOME=/var/lib/gocdoc KIVY_HOME=/var/lib/gocdoc/kivy KIVY_NO_ARGS=1 \
        KIVY_NO_FILELOG=1 KIVY_NO_CONSOLELOG=1 SDL_VIDEODRIVER=offscreen SDL_AUDIODRIVER=dummy \
        /opt/gocdoc/current/venv/bin/python - <<'END'
import platform
from kivy.config import Config
Config.set("graphics", "multisamples", "0")
from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.graphics import opengl
EventLoop.ensure_window()
Window.dispatch("on_draw")
Window.flip()
print(platform.machine(), platform.python_version(), Window.size, opengl.glGetString(opengl.GL_RENDERER))
END
}
play_afternoon() {
    local status=0
    inside sh -c 'cd /src && ./run --headless --out /out' || status=$?
    mkdir -p "$out"
    if [[ -d $root/out ]]; then cp -r "$root/out/." "$out/"; fi
    return "$status"
}

tools
emulation
stage "arm64 root ($suite)" make_root
[[ $fresh == no ]] || forget
mounts
pip_as_here
copy_source
stage "deploy/install.sh" install_station
stage "deploy/install.sh --check after" install_again
stage "Kivy's first frame" first_frame
if [[ $afternoon == yes ]]; then
    stage "./run --headless" play_afternoon
    cat "$out/summary.json"
fi
printf '\n%s\n' "--- time under emulation, $(nproc) cores"
printf '%s\n' "${stages[@]}"
