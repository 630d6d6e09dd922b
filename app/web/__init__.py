"""What every page shares: the access check, sessions, headers, errors, form helpers, base templates."""
