"""Small decision tables for tests: `dmn(decision("d", inputs, outputs, rules))`."""

from html import escape

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def dmn(*decisions, namespace=NAMESPACE):
    """Return the bytes of a file with these decisions."""
    body = "\n".join(decisions)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{namespace}" id="defs" '
        f'name="defs" namespace="urn:test">\n{body}\n</definitions>'
    ).encode()


def decision(id_, inputs, outputs, rules, *, policy="FIRST", table="", inside=""):
    """Return a decision; inputs are expressions, outputs names, rules lists of cells."""
    columns = [
        f'<input id="{id_}_i{n}"><inputExpression id="{id_}_e{n}"><text>{escape(source)}</text>'
        "</inputExpression></input>"
        for n, source in enumerate(inputs)
    ]
    columns += [f'<output id="{id_}_o{n}" name="{name}"/>' for n, name in enumerate(outputs)]
    rows = "\n".join(_rule(f"{id_}_r{n}", cells, len(inputs)) for n, cells in enumerate(rules, 1))
    chosen = f' hitPolicy="{policy}"' if policy else ""
    return (
        f'<decision id="{id_}" name="{id_}">{inside}<decisionTable id="{id_}_t"{chosen} {table}>'
        f"{''.join(columns)}\n{rows}\n</decisionTable></decision>"
    )


def _rule(id_, cells, inputs):
    entries = [
        f'<{tag} id="{id_}_c{n}"><text>{escape(text)}</text></{tag}>'
        for n, text in enumerate(cells)
        for tag in ["inputEntry" if n < inputs else "outputEntry"]
    ]
    return f'<rule id="{id_}">{"".join(entries)}</rule>'
