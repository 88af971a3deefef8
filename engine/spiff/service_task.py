"""A service task that calls an operation, at once or as a job."""

from typing import Any

from SpiffWorkflow.spiff.specs.defaults import ServiceTask

from engine.errors import BpmnError
from engine.spiff.events import Occurrence, UncaughtError


class OperationTask(ServiceTask):  # type: ignore[misc]
    """Calls the operation inside the command, or waits for a job when marked `async`.

    Facts the operation returns are merged into process data; there is no result variable.
    """

    @property
    def asynchronous(self) -> bool:
        """Tell whether the diagram marks it as work that may fail for outside reasons."""
        return bool(self.extensions.get("properties", {}).get("async") == "true")

    def parameters(self, my_task: Any) -> dict[str, Any]:
        """Return the operator's parameters, evaluated in the data of the task."""
        evaluated = self.evaluate_params(my_task)
        return {name: item["value"] for name, item in evaluated.items()}

    def _execute(self, my_task: Any) -> bool | None:
        """Run now and return True, or return None: the task stays started until a job ends it."""
        if self.asynchronous:
            return None
        engine = my_task.workflow.script_engine
        try:
            facts = engine.call_operation(my_task, self.operation_name, self.parameters(my_task))
        except BpmnError as error:
            event = Occurrence("error", error.code, error.payload)
            if not my_task.workflow.top_workflow.raise_up(my_task, event):
                raise UncaughtError(error.code, self.bpmn_id) from error
            return True
        my_task.data.update(facts)
        return True
