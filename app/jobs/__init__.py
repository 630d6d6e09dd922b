"""Background work: workers that hold just the keys a job was handed, for as long as it takes."""
