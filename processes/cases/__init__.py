"""Cases: the record of what a customer asked, its timeline, categories and settings."""
