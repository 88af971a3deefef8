"""The only package that imports SpiffWorkflow; everything it gets wrong is made right here.

Measured facts about version 3.2.0 that this package relies on are assertions in
`tests/engine/spiff/test_facts.py`.
"""
