"""The demonstration: an invented organisation, filled with invented cases."""
