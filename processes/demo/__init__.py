"""Demo data: believable cases made by the real commands on a moved clock."""
