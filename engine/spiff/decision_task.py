"""A business rule task that works out our own decision tables.

The library's own tables ask for Python at run time, take the first fitting rule for UNIQUE, know no
FIRST, and merge lists into lists that are there already. Ours replace values, as every step does.
"""

from typing import Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask

from engine.decisions import Decision


class DecisionTask(SpiffBpmnTask):  # type: ignore[misc]
    """Writes every output of its decision into process data under the output's name."""

    def __init__(self, wf_spec: Any, name: str, decision: Decision, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.decision = decision

    def _run_hook(self, my_task: Any) -> bool:
        my_task.data.update(self.decision.decide(my_task.data))
        super()._run_hook(my_task)
        return True


class DecisionTaskParser(SpiffTaskParser):  # type: ignore[misc]
    """Finds the decision a business rule task calls among those the parser was given."""

    def create_task(self) -> DecisionTask:
        """Return the task spec. Raises ValidationException when there is no such decision."""
        extensions = self.parse_extensions()
        wanted = self.get_decision_ref(self.node)
        decision = self.process_parser.parser.decisions.get(wanted)
        if decision is None:
            message = f"There is no decision called {wanted!r}."
            raise ValidationException(message, node=self.node, file_name=self.filename)
        return DecisionTask(
            self.spec,
            self.bpmn_id,
            decision,
            prescript=extensions.get("preScript"),
            postscript=extensions.get("postScript"),
            **self.bpmn_attributes,
        )

    @staticmethod
    def get_decision_ref(node: Any) -> str:
        """Return the id of the decision that a business rule task calls; empty for none."""
        found = SpiffTaskParser._parse_extensions(node)  # noqa: SLF001 - as the library's own does
        return (found.get("calledDecisionId") or "").strip()
