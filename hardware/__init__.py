"""Adapters to wires: one file a device, the same verbs everywhere."""
