"""Benchmarks: each prints JSON and a table; ratios within one run, never a timed test."""
