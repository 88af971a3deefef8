"""The process `closure`: final answer, a good week, closed."""
