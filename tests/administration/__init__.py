"""The administrator's pages, and that they tell nothing of testimony."""
