"""The process `portal_access`: a link and a code for the customer's own page."""
