"""How much of a mail is read. Beyond a limit a mail is refused, or read in part; never for long.

A refused mail is kept whole in quarantine. The figures hold the worst mail under a second of
processor time and a few times its own size in memory (reliability.md E, deep or huge markup).
"""

LARGEST_MAIL = 40_000_000
"""Bytes of the raw message."""
LARGEST_HEADER_BLOCK = 256 * 1024
"""Bytes of all headers of a message or part together."""
LONGEST_HEADER = 64 * 1024
"""Characters of one header; what follows is not read."""
DEEPEST = 20
"""Multiparts and messages within each other."""
MOST_PARTS = 500
LONGEST_TEXT = 400_000
"""Characters shown of a mail's text; a longer one is a file too."""
LONGEST_HTML = 1_000_000
"""Characters of HTML looked at, all parts together; a longer one is shown as text, in part."""
DEEPEST_HTML = 200
MOST_MARKS = 150_000
"""Of `<` and of `&` in one HTML: beyond them it is not parsed, only its tags are cut out."""
MOST_ADDRESSES = 1_000
"""Of one header."""
MOST_REFERENCES = 100
"""The first and the newest."""
MOST_GUESSES = 2
"""Charsets guessed from the bytes, a mail; a guess costs some 20 ms."""
