"""What is read as text: barcode scanners on a serial line, and readers that type like a keyboard."""
