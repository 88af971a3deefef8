"""The one register of what diagrams may call; each process adds its own by being imported."""

from engine.registry import Operations

operations = Operations()
