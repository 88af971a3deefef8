"""The agents' desk: the list of cases, one case, and everything that is done with it."""
