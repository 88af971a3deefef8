"""Lines that a mail program broke for the way, joined again (format=flowed, RFC 3676)."""


def joined(text: str, *, delete_space: bool) -> str:
    """Return the paragraphs as they were written; quoted ones keep their marks."""
    out: list[str] = []
    parts: list[str] = []
    depth_before = 0
    for line in text.split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        if parts and (depth != depth_before or words == "-- "):
            out.append(_paragraph(parts, depth_before))
            parts = []
        parts.append(words[:-1] if flows and delete_space else words)
        depth_before = depth
        if not flows:
            out.append(_paragraph(parts, depth))
            parts = []
    if parts:
        out.append(_paragraph(parts, depth_before))
    return "\n".join(out)


def _paragraph(parts: list[str], depth: int) -> str:
    words = "".join(parts)
    return f"{'>' * depth} {words}" if depth else words
