"""The HTTP edge: aiohttp stops here."""
