"""The commands: a module each, or one for two that belong together; `app` has the table of them."""
