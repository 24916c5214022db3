"""Figures, as JSON with the machine they were measured on. Never asserted in tests; docs/performance.md quotes them."""
