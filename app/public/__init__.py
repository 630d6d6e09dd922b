"""The public site's own process: serves the released tree, holds no key and opens no database."""
