"""Taking a raw mail apart: words, quotes, files, and what kind of mail it is."""

from processes.mail.reading.message import ReadMail, UnreadableMailError
from processes.mail.reading.reader import read

__all__ = ["ReadMail", "UnreadableMailError", "read"]
