"""The ids of all requirements, as tests mark them."""

_SOURCES = {"COV": 98, "CON": 46, "CALL": 33, "CARE": 20}
"""Prefix of each source text, and how many requirements it holds."""

REQUIREMENTS = tuple(
    f"{source}-{number:02}" for source, count in _SOURCES.items() for number in range(1, count + 1)
)
