"""What the product costs, as ratios to what the same database can do: `make bench`."""
