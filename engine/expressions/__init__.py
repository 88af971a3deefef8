"""One small, safe language for conditions, timers, decisions and forms.

Two spellings, one tree, one evaluator: `language` reads `kind == 'x'` (diagrams), `feel` reads
`kind = "x"` (forms). Nothing here calls eval, exec or a method of a value.
"""
