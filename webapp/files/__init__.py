"""Files on their way in and out, for both sides of the counter."""
