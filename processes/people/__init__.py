"""People: staff, customers, organisations, codes, sessions and what each may do."""
