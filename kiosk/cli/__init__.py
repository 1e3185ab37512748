"""The `kiosk` command's own tools for whoever sets a station up or looks after it: one file a group."""
