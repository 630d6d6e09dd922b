"""Bytes in, bytes out: what kind a file is, and what may be shown of it, made anew in a sandboxed child."""
