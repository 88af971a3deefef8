"""The customers' own pages: asking, signing in, following a request, answering."""
