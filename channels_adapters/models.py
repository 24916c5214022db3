"""Carrier state and raw payloads. Web chat keeps none: what it knows of a visitor is in its signed token."""
