"""The way to the centre and back: outbox to MQTT, watermark to the desk."""
