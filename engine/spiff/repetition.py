"""An activity for each item of a list, made to last: the library's own has four faults.

It fails when it is entered a second time (in a loop), when the list becomes shorter while its
items are worked on, and when an instance returns nothing for the output; it waits for ever at an
item that is null; and it makes as many copies as the list is long, however long that is.
"""

from typing import Any

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.spiff.specs.defaults import (
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
)

from engine.spiff.workflow import LimitError

MAX_REPEATS = 500
"""Items an activity may be repeated over."""


class RepeatError(ValueError):
    """There is no list to repeat the activity over."""


class _Repeat:
    """What both ways of repeating share."""

    data_input: Any
    data_output: Any
    input_item: Any
    output_item: Any

    def _begin(self, my_task: Any) -> None:
        """Check the list and begin a new one for what comes out. Raises RepeatError."""
        name = self.data_input.bpmn_id if self.data_input is not None else ""
        items = self.data_input.get(my_task) if self.data_input is not None else None
        if not isinstance(items, list):
            message = f"the value {name!r} is not a list, so the step cannot be repeated over it"
            raise RepeatError(message)
        if len(items) > MAX_REPEATS:
            message = f"the list {name!r} has {len(items)} items; at most {MAX_REPEATS} are allowed"
            raise LimitError(message)
        if my_task.has_state(TaskState.PREDICTED_MASK):  # behind an event that merely might happen
            my_task._set_state(TaskState.FUTURE)  # noqa: SLF001 - else it may have no children
        if self.data_output is not None and self.data_output.bpmn_id != name:
            self.data_output.set(my_task, [])

    def create_child(self, my_task: Any, item: Any, key_or_index: int | None = None) -> None:
        """Begin with one item; values outside that are called the same keep what they are."""
        names = [each.bpmn_id for each in (self.input_item, self.output_item) if each is not None]
        outside = {name: my_task.data.pop(name) for name in names if name in my_task.data}
        super().create_child(my_task, item, key_or_index)  # type: ignore[misc]
        my_task.data.update(outside)

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Take over what one instance gives; nothing counts as null."""
        if self.output_item is not None and not self.output_item.exists(child):
            self.output_item.set(child, None)
        if self.input_item is not None and self.data_output is None:
            child.data.pop(self.input_item.bpmn_id, None)
        super().merge_child(workflow, child)  # type: ignore[misc]


class ParallelRepeat(_Repeat, ParallelMultiInstanceTask):  # type: ignore[misc]
    """An activity for all items at once."""

    def create_children(self, my_task: Any) -> None:
        """Begin with every item."""
        self._begin(my_task)
        super().create_children(my_task)


class SequentialRepeat(_Repeat, SequentialMultiInstanceTask):  # type: ignore[misc]
    """An activity for one item after the other; what left the list in the meantime is skipped."""

    def init_remaining_items(self, my_task: Any) -> list[int]:
        """Return the places of all items."""
        self._begin(my_task)
        return list(range(len(self.data_input.get(my_task))))

    def add_next_child(self, my_task: Any) -> None:
        """Begin with the next item that is still there, or be done."""
        items = self.data_input.get(my_task)
        count = len(items) if isinstance(items, list) else 0
        remaining = [place for place in my_task.internal_data["remaining"] if place < count]
        my_task.internal_data["remaining"] = remaining[1:]
        if remaining:
            self.create_child(my_task, items[remaining[0]], remaining[0])
        else:
            my_task._set_state(TaskState.READY)  # noqa: SLF001 - as the library does


def repeating(parser: type) -> type:
    """Return the parser of an activity, with these ways of repeating it."""
    return type(f"Repeating{parser.__name__}", (_RepeatParser, parser), {})


class _RepeatParser:
    PARALLEL_MI_CLASS = ParallelRepeat
    SEQUENTIAL_MI_CLASS = SequentialRepeat

    def create_data_spec(self, item: etree._Element, kind: type) -> Any:
        """Return what an item is called by; its name, as ids must differ within a file."""
        local = etree.QName(item).localname in {"inputDataItem", "outputDataItem"}
        name = item.get("name") if local else None
        return kind(name or item.get("id"), item.get("name"))
