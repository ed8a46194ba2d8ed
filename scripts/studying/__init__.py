"""What scripts/studies is made of."""
