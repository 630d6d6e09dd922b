"""Workers and jobs, on a real case."""
