import pytest

from webapp.portal.charts import Chart


def diagram(*flows, nodes, start="start"):
    elements = "".join(nodes)
    ways = "".join(
        f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">'
        f'<process id="p"><startEvent id="{start}"/>{elements}{ways}</process></definitions>'
    ).encode()


def task(name, *, kind="userTask"):
    properties = "".join(
        f'<s:property name="{key}" value="{value}"/>'
        for key, value in (("milestone", name), ("status", "in_progress"), ("milestone.en", name))
    )
    return (
        f'<{kind} id="{name}"><extensionElements><s:properties>{properties}</s:properties>'
        f"</extensionElements></{kind}>"
    )


def keys_of(stops):
    return [stop.key for stop in stops]


@pytest.mark.parametrize(
    ("flows", "nodes", "way"),
    [
        ([], [], []),
        ([("start", "a"), ("a", "b")], [task("a"), task("b")], ["a", "b"]),
        ([("start", "a"), ("a", "a")], [task("a")], ["a"]),
        ([("start", "a"), ("a", "b"), ("b", "a")], [task("a"), task("b")], ["a", "b"]),
        ([("start", "nowhere")], [], []),
        (
            [("start", "f"), ("f", "a"), ("f", "b"), ("b", "c")],
            ['<parallelGateway id="f"/>', task("a"), task("b"), task("c")],
            ["b", "c"],
        ),
        (
            [("start", "f"), ("f", "f"), ("f", "a")],
            ['<parallelGateway id="f"/>', task("a")],
            [],
        ),
        (
            [("start", "x"), ("x", "a"), ("x", "b")],
            ['<exclusiveGateway id="x" default="x_b"/>', task("a"), task("b")],
            ["b"],
        ),
        ([("start", "c")], ['<callActivity id="c" calledElement="p"/>'], []),
        ([("start", "c")], ['<callActivity id="c" calledElement="gone"/>'], []),
        ([("start", "e")], ['<eventBasedGateway id="e"/>'], []),
    ],
)  # fmt: skip
def test_any_diagram_has_a_way_that_ends(flows, nodes, way):
    chart = Chart({"p/p.bpmn": diagram(*flows, nodes=nodes)})

    assert keys_of(chart.whole("p")) == way
    assert keys_of(chart.ahead("p", ("p", "start"))) == way
    assert chart.ahead("p", ("nowhere", "nothing")) == []
    assert chart.whole("q") == []
