#!/bin/sh
# Brings what 'central ca init' made to where Mosquitto may read it, and makes Mosquitto read it again.
# gocdoc-broker.path runs it whenever a certificate or the revocation list changes. As root; it changes only
# what differs.
set -eu
from=${GOCDOC_IDENTITY:-/var/lib/gocdoc-central/identity}
to=${GOCDOC_BROKER_CERTS:-/etc/mosquitto/certs}
owner=${GOCDOC_BROKER_USER:-mosquitto}

# bring FILE MODE: in place as a whole, never half a file, the key never readable by others
bring() {
    [ -e "$from/$1" ] || { echo "$from/$1 is not there; 'central ca init' makes it" >&2; exit 1; }
    cmp -s "$from/$1" "$to/$1" && return 0
    rm -f "$to/.$1.new"
    (umask 077 && cat "$from/$1" >"$to/.$1.new")
    chown "$owner" "$to/.$1.new"
    chmod "$2" "$to/.$1.new"
    mv -f "$to/.$1.new" "$to/$1"
    changed=yes
}
# SIGHUP: certificates and revocation list are read again, nobody who is connected notices.
reload() {
    if [ -n "${GOCDOC_BROKER_RELOAD:-}" ]; then
        sh -c "$GOCDOC_BROKER_RELOAD"
    elif systemctl --quiet is-active mosquitto; then
        systemctl reload mosquitto
    else
        echo "mosquitto does not run; it reads the files when it starts" >&2
    fi
}
mkdir -p "$to"
# Until nothing differs: a change that came meanwhile may not start this unit again.
while :; do
    changed=no
    bring ca.crt 0644
    bring server.pem 0400
    bring crl.pem 0644
    [ "$changed" = yes ] || break
    reload
done
