"""The demo's own world of mail: where it lies, and how it is read and written."""
