"""Hostile as XML, and in its ids and names."""

from tests.engine import diagrams as d
from tests.engine.hostile.parts import (
    BIG,
    BODY,
    LAUGHS,
    SOUND,
    at,
    between,
    inside,
    replaced,
    xml,
)

XML_FILES = {
    # the XML itself
    "doctype": xml("<!DOCTYPE definitions>" + BODY, line=True),
    "internal entity": xml(
        "<!DOCTYPE d [<!ENTITY x 'u'>]>" + BODY.replace('id="d"', 'id="&x;"'), line=True
    ),
    "billion laughs": xml(
        LAUGHS + "]>" + BODY.replace("<process", "<documentation>&a29;</documentation><process")
    ),
    "quadratic blow-up": xml(f"<!DOCTYPE d [<!ENTITY a '{BIG}'>]><d>{'&a;' * 20_000}</d>"),
    "external entity": xml("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><d>&x;</d>"),
    "external entity over the network": xml(
        "<!DOCTYPE d [<!ENTITY x SYSTEM 'http://127.0.0.1:9/'>]><d>&x;</d>"
    ),
    "parameter entity": xml("<!DOCTYPE d [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]>" + BODY),
    "external DTD": xml("<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" + BODY, line=True),
    "doctype in UTF-16": xml(("<!DOCTYPE d [<!ENTITY x 'u'>]>" + BODY).encode("utf-16"), line=True),
    "doctype in UTF-7": xml(
        b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE d+AD4-' + BODY.encode()
    ),
    "claims EBCDIC": xml(
        '<?xml version="1.0" encoding="IBM037"?>' + BODY, "xml|one-process|process-id"
    ),
    "is EBCDIC": xml(('<?xml version="1.0" encoding="cp037"?><!DOCTYPE d>' + BODY).encode("cp037")),
    "two byte order marks": xml(b"\xef\xbb\xbf\xff\xfe" + BODY.encode()),
    "UTF-16 that claims UTF-8": xml(
        '<?xml version="1.0" encoding="UTF-8"?>'.encode("utf-16") + BODY.encode("utf-16-le")[1:]
    ),
    "an encoding nobody knows": xml('<?xml version="1.0" encoding="x-evil"?>' + BODY),
    "NUL in a name": xml(SOUND.replace(b'name="u"', b'name="u\x00"')),
    "NUL as a reference": replaced('name="u"', 'name="&#0;"', "xml", line=True),
    "nested 150 deep": xml("<a>" * 150 + "</a>" * 150),
    "nested 100,000 deep": xml("<a>" * 100_000, line=True),
    "two megabytes of comments": xml(BODY + "<!--" + "x" * 2_000_000 + "-->"),
    "100,000 comments and nothing else": xml("<!---->" * 100_000),
    "100,000 processing instructions": xml(
        BODY.replace("<process", "<?a b?>" * 100_000 + "<process"),
        "start-event",
    ),
    "100,000 namespaces": xml(
        BODY.replace('id="d"', " ".join(f'xmlns:n{n}="u"' for n in range(100_000))),
        "xml|start-event",
    ),
    "100,000 attributes": xml(
        BODY.replace('id="d"', " ".join(f'a{n}=""' for n in range(100_000))),
        "xml|start-event",
    ),
    "an attribute of 1.9 MB as id": replaced(
        'id="u"', f'id="{"u" * 1_900_000}"', "bad-id|dangling-flow", line=False
    ),
    "not closed": xml(SOUND[:-40], line=True),
    "gzip": xml(b"\x1f\x8b\x08\x00" + bytes(200)),
    "a web page": xml("<html><body onload='alert(1)'/></html>", "one-process"),
    "another BPMN": xml(BODY.replace("20100524", "29990101"), "one-process"),
    "an external schema": xml(
        BODY.replace(
            'id="d"',
            'id="d" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="http://127.0.0.1:9/ http://127.0.0.1:9/x"',  # noqa: E501 - one line of XML
        ),
        "start-event",
    ),
    "XInclude": replaced(
        "<bpmn:process",
        '<bpmn:documentation><x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></bpmn:documentation><bpmn:task id="q"/><bpmn:process',  # noqa: E501 - one line of XML
        "one-process|unreachable|engine",
        line=False,
    ),
    "imports another file": replaced(
        "<bpmn:process",
        '<bpmn:import id="i" importType="u" location="file:///etc/passwd" namespace="u"/><bpmn:process',  # noqa: E501 - one line of XML
        "not-supported",
        "i",
    ),
    "no process": xml(BODY.replace("process", "category"), "one-process"),
    "two processes": replaced(
        "</bpmn:definitions>",
        '<bpmn:process id="q" isExecutable="true"/></bpmn:definitions>',
        "one-process",
        line=False,
    ),
    "a process named otherwise": replaced(
        '<bpmn:process id="p"', '<bpmn:process id="other"', "process-id", "other"
    ),
    # ids and names
    "an id twice": at("duplicate-id", "u", *between(d.user("u"), d.user("u"), first="u")),
    "a subprocess with the id of its process": at(
        "duplicate-id",
        "p",
        *between(inside(d.start("s"), d.end("e"), d.flow("s", "e"), name="p"), first="p"),
    ),
    "a subprocess in a subprocess of the same id": at(
        "duplicate-id",
        "sub",
        *between(
            inside(
                d.start("s"),
                inside(d.start("s2"), d.end("e2"), d.flow("s2", "e2")),
                d.end("e"),
                d.chain("s", "sub", "e"),
            ),
            first="sub",
        ),
    ),
    "an id that is an XPath": at(
        "bad-id", "u' or '1'='1", *between(d.user("u' or '1'='1"), first="u' or '1'='1")
    ),
    "an id that is a selector": at(
        "bad-id", "a] , *[x", *between(d.user("a] , *[x"), first="a] , *[x")
    ),
    "an id that is a script": at(
        "bad-id", "<script>", *between(d.user("&lt;script&gt;"), first="&lt;script&gt;")
    ),
    "an id with a path": at("bad-id", "../../u", *between(d.user("../../u"), first="../../u")),
    "an id longer than a column": at(
        "bad-id", "u" * 101, *between(d.user("u" * 101), first="u" * 101)
    ),
    "an empty id": at("missing-id", "", *between(d.user("u"), first="u"), d.user("")),
    "a message longer than a column": at(
        "long-name",
        "m_" + "m" * 101,
        *between(d.catch("c", "m" * 101), first="c"),
        messages=["m" * 101],
    ),
    "a lane longer than a column": replaced(
        "<bpmn:startEvent",
        f'<bpmn:laneSet id="ls"><bpmn:lane id="l" name="{"x" * 101}"><bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:startEvent',  # noqa: E501 - one line of XML
        "long-name",
        "l",
    ),
    "a lane that names nothing": replaced(
        "<bpmn:startEvent",
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="x"><bpmn:flowNodeRef>gone</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet><bpmn:startEvent',  # noqa: E501 - one line of XML
        "dangling-reference",
        "l",
    ),
}
