"""What the centre sends down to the stations: catalogues, lending rules, commands; and what they answer."""
