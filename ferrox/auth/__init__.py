"""Who is asking: signatures verified; pure except for the key look-up that is handed in."""
