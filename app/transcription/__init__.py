"""What reviewers do first: open a statement, listen, write down what was said."""
