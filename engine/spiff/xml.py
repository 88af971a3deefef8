"""Reading XML that strangers may have written."""

from lxml import etree

from engine.sentences import Sentence

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NAMESPACES = {"bpmn": BPMN, "spiff": SPIFF}

MAX_BYTES = 2_000_000
MAX_DEPTH = 100


class UnreadableXmlError(ValueError):
    """The file is not XML that we accept; carries the line when it is known."""

    def __init__(self, text: Sentence, line: int | None = None) -> None:
        self.text, self.line = text, line
        super().__init__(text)


def read(raw: bytes) -> etree._Element:
    """Return the root element of `raw`.

    Refuses what is too large or too deep, any document type declaration and with it every
    entity. Raises UnreadableXmlError.
    """
    if len(raw) > MAX_BYTES:
        text = Sentence(
            "The file has {size} bytes; at most {most} are allowed.", size=len(raw), most=MAX_BYTES
        )
        raise UnreadableXmlError(text)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,  # a condition goes on behind a remark in it
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        text = Sentence("This is not well-formed XML: {reason}", reason=str(error))
        raise UnreadableXmlError(text, line) from None
    if root.getroottree().docinfo.doctype:
        text = Sentence("A document type declaration (DOCTYPE) is not allowed.")
        raise UnreadableXmlError(text, 1)
    if _deeper_than(root, MAX_DEPTH):
        text = Sentence("Elements are nested more than {most} deep.", most=MAX_DEPTH)
        raise UnreadableXmlError(text)
    return root


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace; empty for comments."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _deeper_than(root: etree._Element, limit: int) -> bool:
    depth = 0
    for action, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if action == "start" else -1
        if depth > limit:
            return True
    return False
