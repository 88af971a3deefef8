"""The process `request`: from the first word of a customer to the end of the case."""
