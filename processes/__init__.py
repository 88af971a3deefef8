"""The domain: what our business does, run by the diagrams in `bpmn/`."""
