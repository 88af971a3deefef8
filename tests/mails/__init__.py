"""Raw mails as the world sends them, made the same each time from a seed."""
