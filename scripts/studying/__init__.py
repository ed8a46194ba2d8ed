"""Parts of scripts/studies."""
