"""What the manager asks: how many, how well, how long, and which ones. Read-only; nothing here changes a row."""
