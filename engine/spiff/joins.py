"""Gateways that join branches, also in the second turn of a loop.

The library keeps tokens that a join has used up, and counts them again when the flow comes back
to the same join: it then opens before all branches have arrived, and brings back old data.
"""

from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway


class _UsesUp:
    """Takes the tokens that it joins out of the instance."""

    def _run_hook(self, my_task: Any) -> Any:
        result = super()._run_hook(my_task)  # type: ignore[misc]
        tasks = my_task.workflow.tasks
        used = [
            task.id
            for task in tasks.values()
            if task.task_spec is self and task._state == TaskState.CANCELLED  # noqa: SLF001
        ]
        for task_id in used:
            if task_id in tasks:
                my_task.workflow._remove_task(task_id)  # noqa: SLF001 - no public way
        return result


class ParallelJoin(_UsesUp, ParallelGateway):  # type: ignore[misc]
    """A parallel gateway."""


class InclusiveJoin(_UsesUp, InclusiveGateway):  # type: ignore[misc]
    """An inclusive gateway."""
