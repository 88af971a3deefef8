"""The history of the tables; `.current-head` names the newest step."""
