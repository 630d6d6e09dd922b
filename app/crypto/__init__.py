"""What FORMAT.md says, in code: keys, canonical bytes, signatures, boxes, envelopes, streams, shares."""
