#!/usr/bin/env bash
# Installs a lending station, or the centre's server, on Raspberry Pi OS or Debian 12/13 (64-bit).
# Run it as often as you like: what is there already is left alone. `--help` tells the choices.
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'END'
sudo deploy/install.sh [options]        an option wins over the environment variable beside it

  --check               change nothing; say what would be done, exit 1 if something is missing
  --uninstall           take the programs away; data, settings and the user stay
  --role ROLE           station (default) or central                        GOCDOC_ROLE
  --id NAME             the station's name: a-z, 0-9, '-'                   GOCDOC_ID
  --library CODE        the library's own code                              GOCDOC_LIBRARY
  --broker HOST         name or address of the centre's broker              GOCDOC_BROKER
  --board NAME          pi4, pi5, none, auto (default)                      GOCDOC_BOARD
  --panel NAME          official-7 (default), touch-display-2, hdmi-1024x600  GOCDOC_PANEL
  --reader NAME         rc522-spi0 (default)                                GOCDOC_READER
  --display WAY         kmsdrm (default) or cage                            GOCDOC_DISPLAY
  --prefix DIR          programs; default /opt/gocdoc                       GOCDOC_PREFIX
  --data DIR            data; default /var/lib/gocdoc[-central]             GOCDOC_DATA
  --etc DIR             settings; default /etc/gocdoc                       GOCDOC_ETC
  --boot DIR            boot partition; default /boot/firmware              GOCDOC_BOOT
  --wheels DIR          take Python packages from here, without a network   GOCDOC_WHEELS
END
}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 2; }

mode=install
role=${GOCDOC_ROLE:-station}
station_id=${GOCDOC_ID:-}
library=${GOCDOC_LIBRARY:-}
broker=${GOCDOC_BROKER:-localhost}
board=${GOCDOC_BOARD:-auto}
panel=${GOCDOC_PANEL:-official-7}
reader=${GOCDOC_READER:-rc522-spi0}
display=${GOCDOC_DISPLAY:-kmsdrm}
prefix=${GOCDOC_PREFIX:-/opt/gocdoc}
data=${GOCDOC_DATA:-}
etc=${GOCDOC_ETC:-/etc/gocdoc}
boot=${GOCDOC_BOOT:-/boot/firmware}
wheels=${GOCDOC_WHEELS:-}
units=/etc/systemd/system

while (($#)); do
    option=$1
    shift
    case $option in
    --check) mode=check; continue ;;
    --uninstall) mode=uninstall; continue ;;
    -h | --help) usage; exit 0 ;;
    --*=*) value=${option#*=}; option=${option%%=*} ;;
    --*) (($#)) || fail "$option: wants a value, or is unknown; --help lists the options"
        value=$1; shift ;;
    *) fail "'$option' is not an option; --help lists them" ;;
    esac
    case $option in
    --role) role=$value ;;
    --id) station_id=$value ;;
    --library) library=$value ;;
    --broker) broker=$value ;;
    --board) board=$value ;;
    --panel) panel=$value ;;
    --reader) reader=$value ;;
    --display) display=$value ;;
    --prefix) prefix=$value ;;
    --data) data=$value ;;
    --etc) etc=$value ;;
    --boot) boot=$value ;;
    --wheels) wheels=$value ;;
    *) fail "$option: unknown; --help lists the options" ;;
    esac
done

# --- the answers must make sense before anything is touched -----------------------------------------------------

one_of() { # name value allowed...
    local name=$1 value=$2 allowed
    shift 2
    for allowed in "$@"; do [[ $value == "$allowed" ]] && return; done
    fail "$name '$value' is not known; choose one of: $*"
}
known() { # folder of firmware_config: the names it holds
    local file name
    for file in "$source_dir/firmware_config/$1"/*.txt; do
        name=$(basename "$file" .txt)
        [[ $name == *.cmdline ]] || printf '%s ' "$name"
    done
}
one_of --role "$role" station central
one_of --display "$display" kmsdrm cage
# shellcheck disable=SC2046  # one word a name is meant
one_of --board "$board" auto none $(known boards)
# shellcheck disable=SC2046
one_of --panel "$panel" $(known panels)
# shellcheck disable=SC2046
one_of --reader "$reader" $(known readers)
user=gocdoc
[[ $role == station ]] || user=gocdoc-central
data=${data:-/var/lib/$user}
for folder in "$prefix" "$data" "$etc" "$boot"; do
    [[ $folder =~ ^/[A-Za-z0-9._/-]+$ && $folder != *..* ]] ||
        fail "'$folder' cannot be used: a folder is an absolute path of letters, digits, '.', '_', '-' and '/'"
done
[[ $broker =~ ^[A-Za-z0-9.:-]+$ ]] || fail "--broker '$broker' is no name or address of a machine"
[[ $library != *[\"\\@\|\&]* ]] || fail "--library '$library' may not hold \" \\ @ | or &"
if [[ -z $station_id ]]; then
    # Stable on this machine, and not the same on two.
    seed=$(cat /etc/machine-id /proc/device-tree/serial-number 2>/dev/null | tr -d '\0' || true)
    station_id=kiosk-$(printf '%s' "${seed:-$(cat /proc/sys/kernel/random/uuid)}" | sha256sum | cut -c1-6)
fi
[[ $station_id =~ ^[a-z0-9][a-z0-9-]{0,39}$ ]] || fail "--id '$station_id': use a-z, 0-9 and '-', at most 40 characters"
[[ -z $wheels || -d $wheels ]] || fail "--wheels '$wheels' is no folder"

# --- is this a machine it can run on? ---------------------------------------------------------------------------

# shellcheck source=/dev/null
os_name=$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-unknown}") || os_name=unknown
# shellcheck source=/dev/null
os=$(. /etc/os-release 2>/dev/null && printf '%s-%s' "${ID:-}" "${VERSION_ID:-}") || os=
architecture=$(dpkg --print-architecture 2>/dev/null || uname -m)
case $architecture in
amd64 | arm64) ;;
armhf | armel) fail "this system is 32-bit ($architecture): write Raspberry Pi OS Lite (64-bit) to the card" ;;
*) fail "there are no packages for '$architecture'; a station runs on arm64 or amd64" ;;
esac
case $os in
debian-12 | debian-13) ;;
*) fail "'$os_name' is not supported: use Raspberry Pi OS (Bookworm or Trixie, 64-bit) or Debian 12 or 13" ;;
esac
model=$(tr -d '\0' 2>/dev/null </proc/device-tree/model || true)
on_a_pi=no
[[ $model != "Raspberry Pi"* ]] || on_a_pi=yes
systemd_runs=no
[[ ! -d /run/systemd/system ]] || systemd_runs=yes
[[ $mode == check || $EUID -eq 0 ]] || fail "needs root: sudo $0"

# --- steps: each is looked at first, and done only when it is missing -------------------------------------------

missing=0
# step WORDS TEST DO: nothing when TEST holds; else says so (--check) or does it.
step() {
    local words=$1 test=$2 work=$3
    if "$test"; then
        say "ok       $words"
    elif [[ $mode == check ]]; then
        say "missing  $words"
        missing=$((missing + 1))
    else
        say "doing    $words"
        "$work"
    fi
}

packages() { # sections...: the names in packages.txt, with their '?'
    awk -v wanted=" $* " '/^\[/ {on = index(wanted, " " substr($1, 2, length($1) - 2) " ")}
        on && /^[?a-z0-9]/ {print $1}' "$source_dir/deploy/packages.txt"
}
installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
available() { [[ -n $(apt-cache madison "$1" 2>/dev/null) ]]; }

sections=(python)
[[ $role == central ]] && sections+=(central) || sections+=(screen pins sound)
[[ $display == cage ]] && sections+=(cage)
lacking=()
packages_there() {
    local name
    lacking=()
    for name in $(packages "${sections[@]}"); do
        if [[ $name == \?* ]]; then
            name=${name#\?}
            available "$name" || continue
        fi
        installed "$name" || lacking+=("$name")
    done
    ((${#lacking[@]} == 0))
}
packages_get() {
    apt-get update -q
    packages_there || apt-get install -q -y --no-install-recommends "${lacking[@]}"
}

groups_wanted=(spi gpio)                       # ours to make: their devices are given to them by our rules
groups_taken=(i2c video render input audio dialout) # Debian's: only where they exist
user_groups() {
    local group
    for group in "${groups_wanted[@]}" "${groups_taken[@]}"; do
        getent group "$group" >/dev/null && printf '%s\n' "$group"
    done
}
user_there() {
    local group has
    id "$user" >/dev/null 2>&1 || return 1
    [[ $role == station ]] || return 0
    has=" $(id -nG "$user") "
    for group in "${groups_wanted[@]}"; do [[ $has == *" $group "* ]] || return 1; done
    for group in $(user_groups); do [[ $has == *" $group "* ]] || return 1; done
}
user_make() {
    local group
    id "$user" >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$user"
    [[ $role == station ]] || return 0
    for group in "${groups_wanted[@]}"; do
        getent group "$group" >/dev/null || groupadd --system "$group"
    done
    usermod -aG "$(user_groups | paste -sd,)" "$user"
}

data_there() { [[ -d $data && $(stat -c '%U:%G %a' "$data") == "$user:$user 750" ]]; }
data_make() { install -d -o "$user" -g "$user" -m 0750 "$data"; }

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$source_dir/kiosk/__init__.py")
[[ -n $version ]] || fail "$source_dir/kiosk/__init__.py names no __version__: is this the whole source?"
parts=(kiosk hardware ui central firmware_config pyproject.toml README.md LICENSE deploy/lock/run.lock)
for part in "${parts[@]}"; do
    [[ -e $source_dir/$part ]] || fail "$source_dir/$part is not there: is this the whole source?"
done
# The same version with other contents is another release, and so is another Python.
contents() {
    python3 --version 2>&1 || true
    find "${parts[@]}" -type f ! -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum
}
digest=$(cd "$source_dir" && contents | sha256sum | cut -c1-8)
release=$prefix/releases/$version-$digest

release_there() { [[ -e $release/complete ]]; }
release_make() {
    local copy free pip=(install -q --no-input --disable-pip-version-check --root-user-action=ignore) offline=()
    free=$(df --output=avail -k "$(dirname "$prefix")" | tail -1)
    ((free > 1000000)) || fail "$(dirname "$prefix") has $((free / 1024)) MB left; a release wants 1000"
    rm -rf "$release"
    mkdir -p "$release"
    # The system's packages are seen, because spidev and lgpio come from Debian; -I keeps every locked
    # package in the release all the same, so that an upgrade of the system changes none of them.
    python3 -m venv --system-site-packages "$release/venv"
    [[ -z $wheels ]] || offline=(--no-index --find-links "$wheels")
    "$release/venv/bin/python" -m pip "${pip[@]}" "${offline[@]}" --ignore-installed --require-hashes --no-deps \
        --only-binary :all: -r "$source_dir/deploy/lock/run.lock"
    # Built from a copy: a build leaves files where it works, and the checkout is its owner's.
    copy=$(mktemp -d)
    # shellcheck disable=SC2064  # this very folder
    trap "rm -rf '$copy'" EXIT
    (cd "$source_dir" && tar -c --exclude=__pycache__ "${parts[@]}") | tar -x -C "$copy"
    "$release/venv/bin/python" -m pip "${pip[@]}" --no-index --no-deps --no-build-isolation "$copy"
    rm -rf "$copy"
    trap - EXIT
    no_two_gpio "$release/venv/bin/python"
    : >"$release/complete"
}
# RPi.GPIO and rpi-lgpio are one module under two names; with both there it is chance which one answers.
no_two_gpio() {
    "$1" - <<'END' || fail "both RPi.GPIO and rpi-lgpio are installed: remove one (apt remove python3-rpi.gpio)"
from importlib.metadata import distributions
from sys import exit
names = {(d.metadata["Name"] or "").lower().replace(".", "-") for d in distributions()}
exit({"rpi-gpio", "rpi-lgpio"} <= names)
END
}

current_there() { [[ $(readlink "$prefix/current") == "releases/$(basename "$release")" ]]; }
current_set() {
    ln -sfn "releases/$(basename "$release")" "$prefix/current.new"
    mv -T "$prefix/current.new" "$prefix/current" # one rename: there is always a whole release
    restart=yes
}

old_releases() { # all but the current one and the newest other one, to which one can go back
    find "$prefix/releases" -mindepth 1 -maxdepth 1 -type d ! -path "$release" -printf '%T@ %p\n' 2>/dev/null |
        sort -rn | sed 1d | cut -d' ' -f2-
}
old_gone() { [[ -z $(old_releases) ]]; }
old_remove() { old_releases | xargs -d '\n' -r rm -rf; }

settings=$etc/station.toml
settings_there() { [[ -e $settings ]]; }
settings_make() {
    local new=$settings.new
    install -d -m 0755 "$etc"
    sed -e "s|@id@|$station_id|" -e "s|@library@|$library|" -e "s|@data@|$data|" \
        -e "s|@broker@|$broker|" -e "s|@etc@|$etc|" \
        -e "/^@screen@\$/{r $source_dir/firmware_config/panels/$panel.toml
d}" "$source_dir/deploy/station.toml" >"$new"
    chown "root:$user" "$new"
    chmod 0640 "$new"
    mv -T "$new" "$settings"
}
panel_env_there() { [[ -e $etc/panel.env ]]; }
central_env_there() { [[ -e $etc/central.env ]]; }
central_env_make() { install -D -m 0644 "$source_dir/deploy/central.env" "$etc/central.env"; }
panel_env_make() { install -D -m 0644 "$source_dir/deploy/panel.env" "$etc/panel.env"; }

# A file of deploy/ with this machine's folders in it.
rendered() {
    sed -e "s|/opt/gocdoc\b|$prefix|g" -e "s|/var/lib/$user\b|$data|g" -e "s|/etc/gocdoc\b|$etc|g" \
        "$source_dir/deploy/$1"
}
placed_there() { cmp -s <(rendered "$1") "$2"; }
place() {
    mkdir -p "$(dirname "$2")"
    rendered "$1" >"$2.new"
    chmod "${3:-0644}" "$2.new"
    mv -T "$2.new" "$2"
    reload=yes
    restart=yes
}

unit=gocdoc-$role.service
command=kiosk
[[ $role == station ]] || command=central
command_file=/usr/local/bin/$command
command_there() { placed_there "$command.sh" "$command_file" && [[ -x $command_file ]]; }
command_make() { place "$command.sh" "$command_file" 0755; }
unit_there() { placed_there "$unit" "$units/$unit"; }
unit_make() { place "$unit" "$units/$unit"; }
cage_file=$units/gocdoc-station.service.d/cage.conf
display_there() {
    if [[ $display == cage ]]; then placed_there gocdoc-station-cage.conf "$cage_file"; else [[ ! -e $cage_file ]]; fi
}
display_make() {
    if [[ $display == cage ]]; then
        place gocdoc-station-cage.conf "$cage_file"
    else
        rm -f "$cage_file"
        reload=yes
        restart=yes
    fi
}
rules_file=/etc/udev/rules.d/60-gocdoc.rules
rules_there() { placed_there gocdoc.rules "$rules_file"; }
rules_make() {
    place gocdoc.rules "$rules_file"
    [[ $systemd_runs == yes ]] || return 0
    udevadm control --reload
    udevadm trigger --subsystem-match=spidev --subsystem-match=gpio --subsystem-match=backlight
}
backlight_file=$units/gocdoc-station.service.d/backlight.conf
backlight_there() { placed_there gocdoc-station-backlight.conf "$backlight_file"; }
backlight_make() { place gocdoc-station-backlight.conf "$backlight_file"; }
broker_script=/usr/local/libexec/gocdoc-broker.sh
broker_units=("$units/gocdoc-broker.path" "$units/gocdoc-broker.service")
broker_there() {
    placed_there broker/gocdoc-broker.sh "$broker_script" && [[ -x $broker_script ]] \
        && placed_there broker/gocdoc-broker.path "${broker_units[0]}" \
        && placed_there broker/gocdoc-broker.service "${broker_units[1]}"
}
broker_make() {
    place broker/gocdoc-broker.sh "$broker_script" 0755
    place broker/gocdoc-broker.path "${broker_units[0]}"
    place broker/gocdoc-broker.service "${broker_units[1]}"
}
has_authority() { [[ -e $data/identity/crl.pem ]]; }
broker_watched() { systemctl is-enabled -q gocdoc-broker.path 2>/dev/null; }
broker_watch() { systemctl daemon-reload; systemctl enable -q --now gocdoc-broker.path; }
watchdog_file=/etc/systemd/system.conf.d/gocdoc.conf
watchdog_there() { placed_there gocdoc-watchdog.conf "$watchdog_file"; }
watchdog_make() { place gocdoc-watchdog.conf "$watchdog_file"; }

starts_by_itself() { systemctl is-enabled -q "$unit" 2>/dev/null; }
start_by_itself() { systemctl daemon-reload; systemctl enable -q "$unit"; }
no_desktop() { [[ $(systemctl get-default) != graphical.target ]]; }
leave_desktop() { systemctl set-default -q multi-user.target; }

firmware() {
    local asked=(--boot "$boot" --panel "$panel" --reader "$reader")
    [[ $board == auto ]] || asked+=(--board "$board")
    "$release/venv/bin/kiosk" firmware "$1" "${asked[@]}"
}
firmware_there() { release_there && firmware check >/dev/null 2>&1; }
firmware_make() {
    firmware write || fail "the boot settings were not written (see above); all else is installed"
    say "         the boot settings count from the next start: sudo reboot"
}

uninstall() {
    local gone
    if [[ $systemd_runs == yes ]]; then systemctl disable -q --now "$unit" 2>/dev/null || true; fi
    local files=("$units/multi-user.target.wants/$unit" "$units/$unit" "$command_file") other=central
    [[ $role == station ]] || other=station
    if [[ -e $units/gocdoc-$other.service ]]; then
        say "kept     $prefix, which gocdoc-$other.service uses"
    else
        files+=("$prefix")
    fi
    if [[ $role == central ]]; then
        if [[ $systemd_runs == yes ]]; then systemctl disable -q --now gocdoc-broker.path 2>/dev/null || true; fi
        files+=("${broker_units[@]}" "$broker_script")
    else
        files+=("$cage_file" "$backlight_file" "$rules_file" "$watchdog_file")
    fi
    for gone in "${files[@]}"; do
        if [[ -e $gone || -L $gone ]]; then rm -rf "$gone" && say "removed  $gone"; fi
    done
    rmdir --ignore-fail-on-non-empty "$units/gocdoc-station.service.d" 2>/dev/null || true
    if [[ $systemd_runs == yes ]]; then systemctl daemon-reload; fi
    say "kept     $data with all that was recorded, $etc and the user $user"
    [[ $role == central ]] || say "kept     the boot settings: the block between the marks in $boot/config.txt"
    say "         to lose the records for ever: rm -r $data && userdel $user"
}

# --- what to do --------------------------------------------------------------------------------------------------

if [[ $mode == uninstall ]]; then
    uninstall
    exit 0
fi
reload=no
restart=no
say "Góc Đọc $version as $role on $os_name, $architecture${model:+, $model}"
packages_there || true
step "Debian packages: ${lacking[*]:-all there}" packages_there packages_get
step "user $user, with the groups of the devices it uses" user_there user_make
step "data in $data, for $user alone" data_there data_make
step "release $(basename "$release") in $prefix/releases" release_there release_make
step "$prefix/current points to it" current_there current_set
step "releases older than the one before are gone" old_gone old_remove
step "command $command_file" command_there command_make
if [[ $role == station ]]; then
    step "settings in $settings" settings_there settings_make
    step "environment of the screen in $etc/panel.env" panel_env_there panel_env_make
    step "devices for the groups spi and gpio: $rules_file" rules_there rules_make
    step "way to the panel: $display" display_there display_make
    step "the panel's light may be dimmed: $backlight_file" backlight_there backlight_make
else
    step "environment of the server in $etc/central.env" central_env_there central_env_make
    step "changed certificates reach the broker: ${broker_units[0]}" broker_there broker_make
    if [[ $systemd_runs == yes ]] && has_authority; then
        step "gocdoc-broker.path watches the certificates" broker_watched broker_watch
    fi
fi
step "unit $units/$unit" unit_there unit_make
if [[ $role == station && $on_a_pi == yes ]]; then
    step "the board's watchdog: $watchdog_file" watchdog_there watchdog_make
fi
if [[ $systemd_runs == yes ]]; then
    step "$unit starts with the machine" starts_by_itself start_by_itself
    if [[ $role == station && $on_a_pi == yes ]]; then
        step "the panel belongs to the station, not to a desktop" no_desktop leave_desktop
    fi
else
    say "skipped  starting $unit with the machine: systemd does not run here (a chroot or container)"
fi
if [[ $role == station && $board != none && ($on_a_pi == yes || $board != auto) ]]; then
    step "boot settings for the panel $panel and the reader $reader" firmware_there firmware_make
elif [[ $role == station ]]; then
    say "skipped  boot settings: this is not a Raspberry Pi"
fi

if [[ $mode == check ]]; then
    ((missing == 0)) && say "nothing is missing" && exit 0
    say "$missing missing; nothing was changed. sudo $0 puts it right"
    exit 1
fi
if [[ $systemd_runs == yes ]]; then
    [[ $reload == no ]] || systemctl daemon-reload
    [[ $restart == no ]] || systemctl restart --no-block "$unit"
fi
if [[ $role == station ]]; then
    say "--- kiosk doctor, as the station itself sees this machine"
    (cd "$data" && "$command_file" doctor --settings "$settings") ||
        say "--- the doctor found something (see above); installed it is all the same"
fi
say "done"
