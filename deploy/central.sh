#!/bin/sh
# The central command of an installed centre: root becomes the centre's own user, because a file that root
# left in the data could not be written by the server.
program=/opt/gocdoc/current/venv/bin/central
if [ "$(id -u)" -ne 0 ]; then
    exec "$program" "$@"
fi
exec setpriv --reuid=gocdoc-central --regid=gocdoc-central --init-groups -- "$program" "$@"
