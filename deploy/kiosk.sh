#!/bin/sh
# The kiosk command of an installed station: root becomes the station's own user, because a file that root
# left in the data could not be written by the station. The boot settings are root's own.
program=/opt/gocdoc/current/venv/bin/kiosk
if [ "$(id -u)" -ne 0 ] || [ "${1:-}" = firmware ]; then
    exec "$program" "$@"
fi
export HOME=/var/lib/gocdoc KIVY_HOME=/var/lib/gocdoc/kivy
# It may read what root may (a list on a stick or in somebody's home), and write what the station may;
# `devices --write` and `enrol` also change the settings, which are root's and stay so.
caps=+dac_read_search
case "${1:-}" in devices | enrol) caps=$caps,+dac_override,+chown ;; esac
exec setpriv --reuid=gocdoc --regid=gocdoc --init-groups \
    --inh-caps="$caps" --ambient-caps="$caps" -- "$program" "$@"
