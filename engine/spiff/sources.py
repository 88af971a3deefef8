"""The files of a deployment, each XML file read once however many rules look at it."""

from collections.abc import Collection, Iterator, Mapping

from lxml import etree

from engine.spiff import xml


class Sources(Mapping[str, bytes]):
    """Files by `<process>/<name>`, with the trees of those that are XML.

    Belongs to one thread: the trees are shared, never changed.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._roots: dict[str, etree._Element] = {}
        self._called: dict[str, set[str]] = {}

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Sources":
        """Return `files` themselves when they are sources already: nothing is read twice."""
        return files if isinstance(files, Sources) else cls(files)

    def __getitem__(self, name: str) -> bytes:
        return self._files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def named(self, suffix: str) -> list[str]:
        """Return the names that end so, as in `.bpmn`, in the order of the files."""
        return [name for name in self._files if name.endswith(suffix)]

    def root(self, name: str) -> etree._Element:
        """Return the root element of a file. Raises `xml.UnreadableXmlError`."""
        found = self._roots.get(name)
        if found is None:
            found = self._roots[name] = xml.read(self._files[name])
        return found

    def bundle(self, process: str) -> "Sources":
        """Return the files of a process and of all it calls, however deep.

        Raises `xml.UnreadableXmlError`.
        """
        drawn: dict[str, list[str]] = {}
        for name in self.named(".bpmn"):
            drawn.setdefault(name.split("/", 1)[0], []).append(name)
        folders: set[str] = set()
        waiting = [process]
        while waiting:
            folder = waiting.pop()
            if folder not in folders:
                folders.add(folder)
                waiting += [each for name in drawn.get(folder, ()) for each in self._calls(name)]
        return self.only({name for name in self._files if name.split("/", 1)[0] in folders})

    def _calls(self, name: str) -> set[str]:
        if name not in self._called:
            self._called[name] = called(self.root(name))
        return self._called[name]

    def only(self, wanted: Collection[str]) -> "Sources":
        """Return some of the files, in the same order."""
        names = [name for name in self._files if name in wanted]
        part = Sources({name: self._files[name] for name in names})
        part._roots = {name: self._roots[name] for name in names if name in self._roots}
        part._called = {name: self._called[name] for name in names if name in self._called}
        return part


def called(root: etree._Element) -> set[str]:
    """Return the ids of the processes that the call activities of a diagram call."""
    found = root.iter(f"{{{xml.BPMN}}}callActivity")
    return {node.get("calledElement", "") for node in found} - {""}


def processes(root: etree._Element) -> list[tuple[str, str]]:
    """Return (id, name) of each executable process in a diagram."""
    return [
        (node.get("id", ""), node.get("name") or node.get("id", ""))
        for node in root.iter(f"{{{xml.BPMN}}}process")
        if node.get("isExecutable", "true") != "false"
    ]
