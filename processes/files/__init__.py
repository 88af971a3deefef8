"""Files people send and get: kept once each, outside the web root, never served as they came."""
