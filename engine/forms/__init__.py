"""Forms of process steps: form-js JSON read, shown and checked without a browser's help.

`definition` reads a `.form` file, `validation` turns what a person sent into typed values and
problems, `checks` tells a designer what is wrong with a form.
"""
