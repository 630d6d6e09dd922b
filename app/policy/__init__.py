"""Who may do what: permissions, the facts they are judged by, and the one table of rules; pure."""
