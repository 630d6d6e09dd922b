"""The case file, as the people on a case and those who are not on it meet it."""
