"""RFID readers and the air protocol they speak."""
