"""Mail: rows first, rendered in the reader's language, sent by a worker."""
