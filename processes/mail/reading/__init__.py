"""Taking a raw mail apart: words, quotes, files, and what kind of mail it is."""
