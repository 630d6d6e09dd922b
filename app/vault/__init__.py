"""The only package with both keys and rows: who may open what, proved from signed objects, and the acts of sealing and opening."""
