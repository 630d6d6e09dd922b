"""What interviewers do: take a statement, send it sealed, keep a receipt."""
