"""Forms of process steps as a page shows them.

A view binds what was sent (`engine.forms.validation`), makes a `FormView` of it and hands it to the
macros of `templates/components/process_form.html`.
"""
