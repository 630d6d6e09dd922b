"""The words of the work and their rules: ids, states, duties, consent, redaction, errors."""
