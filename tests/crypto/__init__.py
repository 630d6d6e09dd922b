"""The sealed formats, held to FORMAT.md by vectors, by properties, and by faults."""
