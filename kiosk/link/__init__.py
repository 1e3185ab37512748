"""The way to the centre: facts from the outbox to MQTT, confirmed by the centre's watermark."""
