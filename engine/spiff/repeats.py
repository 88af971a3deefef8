"""A step done several times: for each item of a list, one after the other or all at once; loops.

Our own versions of the library's three tasks, which cure: a second turn that raised when no
output was drawn; results in the order of finishing instead of the order of the list; lists of
any length planned at once; and counters that a stored state forgot when they were zero.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.spiff.specs.defaults import (
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
)

from engine.spiff.workflow import LimitError

MAX_TURNS = 100
"""Turns one repeated step may take."""

_RESULTS, _ITEMS = "results", "items"


class RepeatError(ValueError):
    """What a step is to be repeated over is no list, or a turn brings no result."""


class _OverList:
    """For each item of a list.

    Without an output, facts of each turn go to process data, later ones win. With one, a list of
    results stands there in the order of the items.
    """

    data_input: Any
    data_output: Any
    input_item: Any
    output_item: Any
    bpmn_id: str

    def _items(self, my_task: Any) -> list[Any]:
        name = self.data_input.bpmn_id if self.data_input is not None else None
        items = my_task.data.get(name)
        if not isinstance(items, list):
            message = f"{self.bpmn_id!r} repeats over {name!r}, which must be a list"
            raise RepeatError(message)
        if len(items) > MAX_TURNS:
            message = (
                f"{self.bpmn_id!r} repeats over a list of {len(items)}; at most {MAX_TURNS} "
                "turns are possible"
            )
            raise LimitError(message)
        return items

    def _turns(self, my_task: Any) -> list[Any]:
        return list(self._instances(my_task))  # type: ignore[attr-defined]

    def _begin(self, my_task: Any, item: Any) -> None:
        """Begin the turn for one item."""
        spec = my_task.workflow.spec.task_specs[self.task_spec]  # type: ignore[attr-defined]
        child = my_task._add_child(spec, TaskState.WAITING)  # noqa: SLF001
        child.triggered = True
        if self.input_item is not None:
            child.data[self.input_item.bpmn_id] = deepcopy(item)
        child.task_spec._update(child)  # noqa: SLF001

    def _keep(self, my_task: Any, child: Any) -> None:
        """Take over what a finished turn brings."""
        if self.data_output is None or self.output_item is None:
            item = self.input_item.bpmn_id if self.input_item is not None else None
            my_task.data.update(_facts(my_task.data, child.data, item))
            return
        name = self.output_item.bpmn_id
        if name not in child.data:
            message = f"a turn of {self.bpmn_id!r} ended without the result {name!r}"
            raise RepeatError(message)
        results = my_task.internal_data.setdefault(_RESULTS, [])
        results.append([self._turns(my_task).index(child), child.data[name]])
        ordered = sorted(results, key=lambda entry: entry[0])
        my_task.data[self.data_output.bpmn_id] = [result for _, result in ordered]

    def _is_enough(self, my_task: Any, child: Any) -> bool:
        """Tell whether the completion condition holds after a turn."""
        condition = self.condition  # type: ignore[attr-defined]
        if condition is None:
            return False
        engine = my_task.workflow.script_engine
        values = {**my_task.data, **child.data}
        return bool(engine.environment.evaluate(condition, values))


class EachInTurn(_OverList, SequentialMultiInstanceTask):  # type: ignore[misc]
    """For each item of a list, one after the other."""

    def _update_hook(self, my_task: Any) -> bool:
        super(LoopTask, self)._update_hook(my_task)
        items = self._items(my_task)
        _clear(my_task, self.data_output)
        if not items:
            return True
        my_task.internal_data[_ITEMS] = deepcopy(items)
        my_task._set_state(TaskState.STARTED)  # noqa: SLF001
        self._begin(my_task, items[0])
        return False

    def merge_child(self, _workflow: Any, child: Any) -> None:
        """Begin the next turn after this one, or go on."""
        my_task = child.parent
        self._keep(my_task, child)
        items, done = my_task.internal_data[_ITEMS], len(self._turns(my_task))
        if done >= len(items) or self._is_enough(my_task, child):
            my_task._set_state(TaskState.READY)  # noqa: SLF001
        else:
            self._begin(my_task, items[done])


class EachAtOnce(_OverList, ParallelMultiInstanceTask):  # type: ignore[misc]
    """For each item of a list, all at once."""

    def _update_hook(self, my_task: Any) -> bool:
        super(LoopTask, self)._update_hook(my_task)
        items = self._items(my_task)
        _clear(my_task, self.data_output)
        if not items:
            return True
        my_task._set_state(TaskState.STARTED)  # noqa: SLF001
        for item in items:
            self._begin(my_task, item)
        return False

    def merge_child(self, _workflow: Any, child: Any) -> None:
        """Go on when every turn has ended, or when enough have."""
        my_task = child.parent
        self._keep(my_task, child)
        turns = self._turns(my_task)
        if self._is_enough(my_task, child):
            for turn in turns:
                if turn.has_state(TaskState.NOT_FINISHED_MASK):
                    turn.cancel()
        elif not all(turn.state == TaskState.COMPLETED for turn in turns):
            return
        my_task._set_state(TaskState.READY)  # noqa: SLF001


class Loop(StandardLoopTask):  # type: ignore[misc]
    """As long as a condition holds, or a number of times."""

    def _update_hook(self, my_task: Any) -> bool:
        super(LoopTask, self)._update_hook(my_task)
        if self.test_before and self.loop_complete(my_task):
            return True
        my_task._set_state(TaskState.STARTED)  # noqa: SLF001
        self.create_child(my_task)
        return False

    def create_child(self, my_task: Any) -> None:
        """Begin the next turn. Raises LimitError."""
        if len(list(self._instances(my_task))) >= MAX_TURNS:
            message = f"{self.bpmn_id!r} wants more than {MAX_TURNS} turns"
            raise LimitError(message)
        spec = my_task.workflow.spec.task_specs[self.task_spec]
        child = my_task._add_child(spec, TaskState.WAITING)  # noqa: SLF001
        child.triggered = True
        child.task_spec._update(child)  # noqa: SLF001

    def merge_child(self, _workflow: Any, child: Any) -> None:
        """Begin the next turn after this one, or go on."""
        my_task = child.parent
        my_task.data.update(_facts(my_task.data, child.data, None))
        if self.loop_complete(my_task):
            my_task._set_state(TaskState.READY)  # noqa: SLF001
        else:
            self.create_child(my_task)

    def loop_complete(self, my_task: Any) -> bool:
        """Tell whether the loop has had its turns."""
        done = len(list(self._instances(my_task)))
        if self.maximum is not None and done >= self.maximum:
            return True
        engine = my_task.workflow.script_engine
        return self.condition is not None and not engine.evaluate(my_task, self.condition)


def _clear(my_task: Any, output: Any) -> None:
    """Begin with an empty list of results, whatever an earlier round left there."""
    if output is not None:
        my_task.data[output.bpmn_id] = []


def _facts(
    before: Mapping[str, Any], after: Mapping[str, Any], without: str | None
) -> dict[str, Any]:
    """Return what a turn has set or changed."""
    return {
        name: value
        for name, value in after.items()
        if name != without and (name not in before or before[name] != value)
    }
