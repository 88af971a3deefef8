"""The servers of the demo's mail world; nothing of the product itself depends on them."""
