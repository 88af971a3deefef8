"""Runs any process; knows no customer, no web and no queue."""
