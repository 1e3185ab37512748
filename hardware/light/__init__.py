"""Lights: LEDs on pins that play a rhythm, whatever their number and colour."""
