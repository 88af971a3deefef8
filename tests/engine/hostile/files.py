"""The table of hostile files: what a stranger may upload, and at which element it is refused."""

from tests.engine import diagrams as d
from tests.engine.hostile.content_files import CONTENT_FILES
from tests.engine.hostile.flow_files import FLOW_FILES
from tests.engine.hostile.heavy_files import HEAVY_FILES, LOOKS_HEAVY
from tests.engine.hostile.parts import SOUND, Hostile, between, chain_of, forks, slips
from tests.engine.hostile.xml_files import XML_FILES

FILES: dict[str, Hostile] = {**XML_FILES, **FLOW_FILES, **CONTENT_FILES, **HEAVY_FILES}
"""Each refused with an error by one of its rules, at its element."""

HARMLESS: dict[str, dict[str, bytes]] = {
    **LOOKS_HEAVY,
    "1.9 MB of comments": {
        "p/p.bpmn": SOUND.replace(
            b"</bpmn:process>", b"</bpmn:process><!--" + b"x" * 1_900_000 + b"-->"
        )
    },
    "a name of 1.9 MB": {
        "p/p.bpmn": SOUND.replace(b'name="u"', b'name="' + b"u" * 1_900_000 + b'"')
    },
    "100,000 elements of others": {
        "p/p.bpmn": SOUND.replace(
            b"</bpmn:process>", b"</bpmn:process>" + b'<x xmlns="u"/>' * 100_000
        )
    },
    "60,000 names nearly set": {"p/p.bpmn": d.diagram("p", *slips(1_000, 60))},
    "a chain of 400 nodes": {"p/p.bpmn": d.diagram("p", *chain_of(398))},
    **{
        f"a message called {name} as the engine calls its own notes": {
            "p/p.bpmn": d.diagram("p", *between(d.catch("c", name), first="c"), messages=[name])
        }
        for name in ("due", "seen_events", "payload", "event_fired")
    },
    "twenty choices in a row": {"p/p.bpmn": d.diagram("p", *forks(20, "exclusiveGateway"))},
    "twenty inclusive gateways in a row": {
        "p/p.bpmn": d.diagram("p", *forks(20, "inclusiveGateway"))
    },
}
"""Strange, but nothing is wrong with them: only answered in time."""
